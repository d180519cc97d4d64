"""The codes by which letters are followed, which notify gives to the portal's schema by digest."""

from collections.abc import Sequence
from datetime import datetime

from shared.facts.envelope import Digest, ItemId
from shared.platform.database import Connection


async def give(
    connection: Connection, digest: Digest, item_id: ItemId, key_id: str, now: datetime
) -> None:
    """Stores the digest of a letter's follow-up code; a second call renews its day."""
    await connection.execute(
        "SELECT portal.give_follow_code($1, $2, $3, $4)", digest, item_id, key_id, now
    )


async def end(connection: Connection, key_ids: Sequence[str]) -> None:
    """Deletes the follow-up codes that these secrets of the site have made."""
    await connection.execute("SELECT portal.end_follow_codes($1)", list(key_ids))
