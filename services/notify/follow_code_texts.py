"""What a notice says of following one's letter: address, number and code, where a portal answers.

Appended outside the site's template, so that none can leave it out. The code is known to nobody
else but by its digest, which the database is given with the notice that says it.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from services.notify import event_lines
from services.notify.domain.item import NotifiedItem
from services.notify.mail_composition import MailSigning
from services.notify.store import follow_codes
from shared.calendar.local_days import local_day
from shared.content.follow_codes import PATH, FollowCode, follow_code
from shared.content.plis import Pli
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.database import Connection
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.texts.letters import Correspondence
from shared.site.texts.templates import TemplateText

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
    """Returns the code that a notice says; `None` for other kinds, and without a portal."""
    if ink.portal_url is None or kind not in SAYING:
        return None
    return follow_code(ink.secret, item.registered.chrono)


def with_code(
    ink: MailSigning, letter: Correspondence, item: NotifiedItem, text: TemplateText, way: Way
) -> TemplateText:
    """Returns the text of a notice, which also says how its letter is followed.

    By mail a link that has number and code; on paper, where to type them.
    """
    code = code_of(ink, letter.kind, item)
    if code is None or ink.portal_url is None:
        return text
    home = ink.portal_url.rstrip("/")
    typed = f"{home}{PATH}\n- votre numéro : {code.chrono}\n- votre code : {code.shown}"
    if way is Way.MAIL:
        said = (
            f"Où en est votre demande ? Ouvrez ce lien :\n{home}{code.path}\n\n"
            f"Ou tapez votre numéro et votre code sur {typed}"
        )
    else:
        said = f"Où en est votre demande ? Tapez votre numéro et votre code sur {typed}"
    return replace(text, body=f"{text.body}\n\n{said}".strip())


async def rendered(
    connection: Connection,
    ink: MailSigning,
    letter: Correspondence,
    pli: Pli | None,
    item: NotifiedItem,
    applied: AppliedSite,
    now: datetime,
) -> TemplateText:
    """Renders a notice to the public as an email, with an open event's line and the follow code.

    Raises UnusableTemplate.
    """
    text = await event_lines.rendered(connection, letter, pli, item, applied, now)
    return with_code(ink, letter, item, text, Way.MAIL)


async def give(
    connection: Connection,
    ink: MailSigning,
    kind: NoticeKind,
    item: NotifiedItem,
    site: Site,
    now: datetime,
) -> None:
    """Stores the digest of the code that a notice says, so that the portal answers to it."""
    code = code_of(ink, kind, item)
    if code is None:
        return
    await follow_codes.give(connection, code.digest, item.registered.item_id, ink.secret.id, now)
    if ended := ink.secret.ended(local_day(now, site.zone)):
        await follow_codes.end(connection, ended)
