"""The ways into a campaign by the public page: a code of chance for each poster, and visits."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.facts.vocabulary import SurveyChannel
from shared.platform.database import Connection
from shared.site.tables.survey import SurveyForm

LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that are read as others on a poster."""
LENGTH: Final = 8


@dataclass(frozen=True, slots=True)
class PosterDoor:
    """A code by which a survey's poster, or its mails, lead to its page; no place: anywhere."""

    code: str
    place: str
    visits: int
    """How often its page was opened."""


async def create(
    connection: Connection, campaign: int, form: SurveyForm, places: Sequence[str]
) -> None:
    """Creates a survey campaign's codes for posters, one for each place."""
    text = form.model_dump_json()
    for place in places:
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        await connection.execute(
            """
            INSERT INTO desk.survey_doors (code, campaign, channel, place, form)
            VALUES ($1, $2, $3, $4, $5)
            """,
            code,
            campaign,
            SurveyChannel.POSTER.value,
            place,
            text,
        )


async def create_mail(connection: Connection, campaign: int, form: SurveyForm) -> None:
    """Makes the one code to which all invitation emails of a survey campaign lead."""
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    await connection.execute(
        """
        INSERT INTO desk.survey_doors (code, campaign, channel, place, form)
        VALUES ($1, $2, $3, '', $4)
        """,
        code,
        campaign,
        SurveyChannel.MAIL.value,
        form.model_dump_json(),
    )


async def mail(connection: Connection, campaign: int) -> PosterDoor | None:
    """Returns the survey's code to which a campaign's invitation emails lead.

    `None`: the campaign invites nobody by email.
    """
    return (await _doors(connection, campaign, SurveyChannel.MAIL)).get("")


async def shut(connection: Connection, campaign: int) -> None:
    """Closes a survey campaign on its public page: it takes no more answers."""
    await connection.execute(
        "UPDATE desk.survey_doors SET open = false WHERE campaign = $1", campaign
    )


async def posters(connection: Connection, campaign: int) -> Mapping[str, PosterDoor]:
    """Returns the codes of a survey campaign's posters, by place."""
    return await _doors(connection, campaign, SurveyChannel.POSTER)


async def _doors(
    connection: Connection, campaign: int, channel: SurveyChannel
) -> Mapping[str, PosterDoor]:
    found = await connection.fetch(
        """
        SELECT code, place, coalesce(v.n, 0)::int AS visits
        FROM desk.survey_doors
        LEFT JOIN (SELECT code, sum(n) AS n FROM desk.survey_visits GROUP BY code) v USING (code)
        WHERE campaign = $1 AND channel = $2 ORDER BY place
        """,
        campaign,
        channel.value,
    )
    return {row["place"]: PosterDoor(**row) for row in found}


async def visits(connection: Connection, campaign: int) -> int:
    """Counts how often a survey campaign's public page was opened."""
    return int(
        await connection.fetchval(
            """
            SELECT coalesce(sum(n), 0)::int FROM desk.survey_visits
            JOIN desk.survey_doors USING (code) WHERE campaign = $1
            """,
            campaign,
        )
    )
