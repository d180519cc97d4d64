"""Free texts of the quality system as stored, for the verification: the digest of each body."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.desk.domain.writings import digest_of
from shared.facts.envelope import BlobKey, Digest
from shared.platform.database import Connection

_PAGE = 500


@dataclass(frozen=True, slots=True)
class StoredText:
    """A row of desk.quality_texts (free texts of the quality system) without its body."""

    sha256: str
    """As its column says."""
    body: str | None
    """The SHA-256 of its salt and body; `None`: it was erased."""

    def is_of(self, digest: Digest) -> bool:
        """Whether this is the row of the text with that digest, either unaltered or erased."""
        return self.sha256 == digest and self.body in {None, digest}


async def stored_texts(
    connection: Connection, text_ids: Collection[UUID]
) -> Mapping[UUID, StoredText]:
    """Returns the stored free texts of the quality system that have a row, by id.

    Bodies are read by pages, so that the minutes of years are never held together.
    """
    wanted, found = list(text_ids), dict[UUID, StoredText]()
    for start in range(0, len(wanted), _PAGE):
        rows = await connection.fetch(
            "SELECT id, sha256, body, salt FROM desk.quality_texts WHERE id = ANY ($1::uuid[])",
            wanted[start : start + _PAGE],
        )
        for row in rows:
            body = row["body"]
            digest = None if body is None else digest_of(body, row["salt"])
            found[row["id"]] = StoredText(row["sha256"], digest)
    return found


async def is_deleted(connection: Connection, key: BlobKey) -> bool:
    """Whether a blob's folder was scheduled for deletion, and has been deleted from the disk."""
    year, owner, _ = key.split("/")
    return bool(
        await connection.fetchval(
            """
            SELECT EXISTS (SELECT FROM desk.erasures
                           WHERE (year, owner) = ($1, $2) AND done_at IS NOT NULL)
            """,
            int(year),
            UUID(owner),
        )
    )
