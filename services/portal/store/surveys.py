"""The ways into the survey's campaigns, as the register lets the portal know them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.facts.vocabulary import SurveyChannel
from shared.platform.database import Connection
from shared.platform.postgres import rows
from shared.site.tables.survey import SurveyForm


@dataclass(frozen=True, slots=True)
class SurveyDoor:
    """A way into a survey campaign: the code in its page's address, the channel, place and form."""

    code: str
    campaign: int
    channel: SurveyChannel
    place: str
    form: SurveyForm
    open: bool


async def every(connection: Connection) -> Sequence[SurveyDoor]:
    """Reads the codes of all survey campaigns; rows that can't be read are left out."""
    found = await connection.fetch(
        "SELECT code, campaign, channel, place, form, open FROM portal.surveys"
    )
    return rows.readable(
        "portal.surveys",
        found,
        lambda row: row["code"],
        lambda row: SurveyDoor(
            row["code"],
            row["campaign"],
            SurveyChannel(row["channel"]),
            row["place"],
            SurveyForm.model_validate_json(row["form"]),
            row["open"],
        ),
    )


async def add_visits(connection: Connection, visits: Mapping[str, int]) -> None:
    """Stores how often survey pages were opened since the last time, by code."""
    await connection.executemany(
        "INSERT INTO portal.survey_visits (code, n) VALUES ($1, $2)", list(visits.items())
    )


class KnownDoors:
    """A cache of survey codes for when PostgreSQL is away, and of visits not stored yet."""

    def __init__(self) -> None:
        self._doors: dict[str, SurveyDoor] | None = None
        self._visits = Counter[str]()

    def keep(self, doors: Sequence[SurveyDoor]) -> None:
        """Replaces the cached survey codes by what was read."""
        self._doors = {door.code: door for door in doors}

    @property
    def any(self) -> bool:
        """Whether survey codes were ever read in this process."""
        return self._doors is not None

    def of(self, code: str) -> SurveyDoor | None:
        """Returns the survey campaign of a code; `None`: it had none when codes were last read."""
        return None if self._doors is None else self._doors.get(code)

    def count_visit(self, code: str) -> None:
        """Counts a visit of the survey page of a known code."""
        self._visits[code] += 1

    def take_visits(self) -> Mapping[str, int]:
        """Returns the survey pages' visits that are not stored yet, and clears them."""
        taken, self._visits = self._visits, Counter()
        return taken

    def give_back(self, visits: Mapping[str, int]) -> None:
        """Counts visits of survey pages again that could not be stored."""
        self._visits.update(visits)
