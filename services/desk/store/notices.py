"""What became of each message to a sender."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.facts.envelope import BlobKey, ItemId, NoticeId
from shared.facts.notices import Notices
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice to an item's sender, in the state that the service notify last published."""

    notice_id: NoticeId
    item_id: ItemId
    kind: NoticeKind
    way: Way
    state: str
    """`planned`, `held`, `sent`, `failed`, `bounced` or `withdrawn`."""
    why: str | None
    at: datetime
    document: BlobKey | None
    revision: int | None = None

    @property
    def is_undelivered_copy(self) -> bool:
        """Whether it is a copy of a letter that a mail server refused or returned."""
        return self.kind is NoticeKind.COPY and self.state in {"failed", "bounced"}


@dataclass(frozen=True, slots=True)
class NoticeWord:
    """The revision and moment of the last fact about a notice that the register has handled."""

    revision: int | None
    at: datetime

    def before(self, fact: Notices) -> bool:
        """Returns whether this fact about the notice is newer than the last one handled."""
        if self.revision is None or fact.revision is None:
            return fact.happened_at >= self.at
        return fact.revision > self.revision


async def known_notices(
    connection: Connection, item_ids: Iterable[ItemId], notice_ids: Iterable[NoticeId]
) -> dict[tuple[ItemId, NoticeId], NoticeWord]:
    """Returns the revision and moment of the last fact handled of each notice, by item."""
    rows = await connection.fetch(
        """
        SELECT item_id, notice_id, revision, at FROM desk.notices
        WHERE item_id = ANY($1::uuid[]) AND notice_id = ANY($2::uuid[])
        """,
        list(item_ids),
        list(notice_ids),
    )
    return {
        (ItemId(row["item_id"]), NoticeId(row["notice_id"])): NoticeWord(row["revision"], row["at"])
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class Pending:
    """The tasks that an item's notices leave to people: held ones to release, letters to print.

    `held`: at least one is held back until a person releases it.
    """

    held: bool = False
    to_print: bool = False


async def save(connection: Connection, notices: Sequence[Notice]) -> None:
    """Saves the states of notices (the last of each), and whether one was ever held back."""
    last = {(notice.item_id, notice.notice_id): notice for notice in notices}
    held = {(notice.item_id, notice.notice_id) for notice in notices if notice.state == "held"}
    if not last:
        return
    await connection.execute(
        """
        INSERT INTO desk.notices
            (notice_id, item_id, kind, way, state, why, at, document, revision, was_held)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[],
                             $6::text[], $7::timestamptz[], $8::text[], $9::int[], $10::bool[])
        ON CONFLICT (item_id, notice_id) DO UPDATE SET
            state = excluded.state, why = excluded.why, at = excluded.at, way = excluded.way,
            document = coalesce(excluded.document, notices.document),
            revision = coalesce(excluded.revision, notices.revision),
            was_held = excluded.was_held OR notices.was_held
        """,
        *zip(
            *(
                (
                    notice.notice_id,
                    notice.item_id,
                    notice.kind.value,
                    notice.way.value,
                    notice.state,
                    notice.why,
                    notice.at,
                    notice.document,
                    notice.revision,
                    key in held,
                )
                for key, notice in last.items()
            ),
            strict=True,
        ),
    )


async def pending_notices(
    connection: Connection, item_ids: Sequence[ItemId]
) -> Mapping[ItemId, Pending]:
    """Returns which items have notices that are held back, or letters to print."""
    rows = await connection.fetch(
        """
        SELECT item_id, bool_or(state = 'held') AS held,
               bool_or(state = 'planned' AND way = 'paper') AS to_print
        FROM desk.notices WHERE item_id = ANY($1::uuid[]) GROUP BY item_id
        """,
        item_ids,
    )
    return {ItemId(row["item_id"]): Pending(row["held"], row["to_print"]) for row in rows}


async def of_item(connection: Connection, item_id: ItemId) -> Sequence[Notice]:
    """Returns the notices to the sender of an item, oldest first."""
    rows = await connection.fetch(
        """
        SELECT notice_id, item_id, kind, way, state, why, at, document
        FROM desk.notices WHERE item_id = $1 ORDER BY at, notice_id
        """,
        item_id,
    )
    return [
        Notice(
            NoticeId(row["notice_id"]),
            ItemId(row["item_id"]),
            NoticeKind(row["kind"]),
            Way(row["way"]),
            row["state"],
            row["why"],
            row["at"],
            row["document"] and BlobKey(row["document"]),
        )
        for row in rows
    ]
