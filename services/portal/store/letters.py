"""What the register lets the portal show of a letter to whoever has its number and code."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import asyncpg

from shared.facts.envelope import Digest, ServiceId
from shared.facts.vocabulary import Channel
from shared.platform.database import Connection

_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class FollowedLetter:
    """The state of a letter that its receipt's code shows: no name, no text, no number."""

    state: str
    """`registered`, `transferred`, `answered`, or `ended` without any of our answers."""
    promised: bool
    """In the perimeter and not ended: what is promised in general holds for it."""
    channel: Channel
    received_on: date
    service: ServiceId | None
    """The service that has it, once a person or a certain rule said so."""
    missing: str | None
    """`pieces`: its sender was asked for some."""
    answered_at: datetime | None
    due: date | None
    """By when we answer, once the acknowledgement that names its service left."""
    commitment: str | None
    """The id of the reply commitment that its clock counts by; `None`: no clock was told."""


async def of_digest(connection: Connection, digest: Digest) -> FollowedLetter | None:
    """Reads the letter whose number and code have this digest; `None`: there is none."""
    row = await connection.fetchrow(
        """
        SELECT state, promised, channel, received_on, service, missing, answered_at, due, commitment
        FROM portal.followed_letters WHERE digest = $1
        """,
        digest,
    )
    return None if row is None else _letter(row)


async def every(connection: Connection) -> Mapping[Digest, FollowedLetter]:
    """Reads all letters that may be followed, by digest, a batch of rows at a time.

    Visitors are answered between two batches.
    """
    rows = connection.cursor(
        """
        SELECT digest, state, promised, channel, received_on, service, missing, answered_at, due,
               commitment
        FROM portal.followed_letters
        """,
        prefetch=_AT_ONCE,
    )
    return {Digest(row["digest"]): _letter(row) async for row in rows}


def _letter(row: asyncpg.Record) -> FollowedLetter:
    return FollowedLetter(
        row["state"],
        row["promised"],
        Channel(row["channel"]),
        row["received_on"],
        row["service"],
        row["missing"],
        row["answered_at"],
        row["due"],
        row["commitment"],
    )


class KnownLetters:
    """A cache of all followed letters for when PostgreSQL is away, with the moment of reading."""

    def __init__(self) -> None:
        self._letters: Mapping[Digest, FollowedLetter] = {}
        self.at: datetime | None = None
        """When they were read; `None`: never in this process."""

    def keep(self, letters: Mapping[Digest, FollowedLetter], at: datetime) -> None:
        """Replaces the cached letters by what was read."""
        self._letters, self.at = letters, at

    def of(self, digest: Digest) -> FollowedLetter | None:
        """Returns the letter of a digest as it was last read, or `None`."""
        return self._letters.get(digest)
