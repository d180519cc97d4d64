"""The codes by which letters are followed, which notify gives to the portal's schema by digest."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.facts.envelope import Digest, ItemId
from shared.platform.database import Connection


async def give(
    connection: Connection, codes: Mapping[ItemId, Digest], key_id: str, now: datetime
) -> None:
    """Stores the digests of letters' follow-up codes; a second call renews their day."""
    ordered = sorted(codes.items())
    await connection.execute(
        """
        SELECT portal.give_follow_code(digest, item_id, $3, $4)
        FROM unnest($1::text[], $2::uuid[]) AS given (digest, item_id)
        """,
        [digest for _, digest in ordered],
        [item_id for item_id, _ in ordered],
        key_id,
        now,
    )


async def end(connection: Connection, key_ids: Sequence[str]) -> None:
    """Deletes the follow-up codes that these secrets of the site have made."""
    await connection.execute("SELECT portal.end_follow_codes($1)", list(key_ids))
