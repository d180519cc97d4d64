"""The code that a notice says, by which its letter is followed, where a portal answers.

It is known to nobody else but by its digest, which the database is given with the notice.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from services.notify.domain.item import NotifiedItem
from services.notify.mail_composition import MailSigning
from services.notify.store import follow_codes
from shared.content.follow_codes import FollowCode, follow_code
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection

SAYING: Final = frozenset(
    {
        NoticeKind.RECEIPT,
        NoticeKind.SIMPLE,
        NoticeKind.SVR,
        NoticeKind.SVA,
        NoticeKind.PIECES,
    }
)
"""Notices after which their receiver waits for us, or we for them."""


def code_of(ink: MailSigning, kind: NoticeKind, item: NotifiedItem) -> FollowCode | None:
    """Returns the follow-up code to print in a notice; `None`: none for its kind, or no portal."""
    if ink.portal_url is None or kind not in SAYING:
        return None
    return follow_code(ink.secret, item.registered.chrono)


async def give(
    connection: Connection,
    ink: MailSigning,
    said: Iterable[tuple[NoticeKind, NotifiedItem]],
    now: datetime,
) -> None:
    """Stores the digests of the follow-up codes printed in notices, by which the portal finds them.

    `said`: the kind and the item of each of these notices.
    """
    codes = {item.registered.item_id: code_of(ink, kind, item) for kind, item in said}
    digests = {item_id: code.digest for item_id, code in codes.items() if code is not None}
    if digests:
        await follow_codes.give(connection, digests, ink.secret.id, now)


async def end(connection: Connection, ink: MailSigning, today: date) -> None:
    """Deletes the follow-up codes made by former secrets of the site that are no longer valid."""
    if ended := ink.secret.ended_ids(today):
        await follow_codes.end(connection, ended)
