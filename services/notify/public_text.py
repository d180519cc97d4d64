"""The text of a notice to the public, whole: template, event's line, what is next, translation.

The one place in which it is put together, by mail and on paper. What is next is said outside the
site's template of the kind, so that none can leave it out: to a receipt the promise made to
everybody, in words and without a date, where the site's table lets the receipt leave by itself; and
how the letter is followed, where a portal answers. The French, which alone is legally binding,
stands first; what the site translated follows, and no machine translates.
"""

from dataclasses import replace

from services.notify import event_lines
from services.notify.domain.policy import needs_nobody
from services.notify.follow_code_digests import code_of
from services.notify.mail_composition import MailSigning
from services.notify.notice_case import NoticeCase
from shared.content.follow_codes import PATH
from shared.content.plis import Pli
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.database import Connection
from shared.site.tables.commitments import Unit
from shared.site.texts.general_commitment import general_commitment, general_reply
from shared.site.texts.letters import Correspondence
from shared.site.texts.public_lines import NextSteps
from shared.site.texts.public_notice import render_public
from shared.site.texts.templates import TemplateText


async def public_text(
    connection: Connection,
    case: NoticeCase,
    ink: MailSigning,
    letter: Correspondence,
    pli: Pli | None,
    way: Way,
) -> TemplateText:
    """Renders a notice to the public from the site's words. Raises UnusableTemplate.

    An open crisis event's line, approved for mail that its rule matches, is said by email alone.
    """
    site = case.applied.site
    language = site.identity.second_language if way is Way.MAIL else None
    text = render_public(site.templates, letter, steps_of(case, ink, way), way, language)
    if letter.kind is not NoticeKind.RECEIPT or way is not Way.MAIL:
        return text
    found = await case.reads.events(connection, case.now)
    line = event_lines.line_of_receipt(case.item, pli, case.applied, found)
    return replace(text, body=f"{text.body}\n\n{line}".strip()) if line else text


def steps_of(case: NoticeCase, ink: MailSigning, way: Way) -> NextSteps:
    """Returns what a notice may say of the next steps: usual delay, follow-up page, its code.

    No delay is told where a person had to see the notice first.
    """
    registered, site = case.item.registered, case.applied.site
    row = general_reply(site, registered.channel, case.item.classification, case.item.service)
    promised = row is not None and row.days is not None and _is_promised(case)
    code = code_of(ink, case.call.kind, case.item)
    followed = code is not None and ink.portal_url is not None
    home = (ink.portal_url or "").rstrip("/")
    return NextSteps(
        reference=registered.chrono,
        usual=general_commitment(site, registered.channel) if promised else "",
        days=(row.days or 0) if row and promised else 0,
        working=not (row and promised) or row.unit is Unit.JOURS_OUVRES,
        page=f"{home}{PATH}" if followed else "",
        link=f"{home}{code.path}" if code and followed and way is Way.MAIL else "",
        code=code.shown if code and followed else "",
    )


def _is_promised(case: NoticeCase) -> bool:
    """Whether what is promised to everybody may be said: it counts, and nobody had to see it."""
    item = case.item
    if case.row.released_by is not None or item.answered or item.ended:
        return False
    leaves = needs_nobody(case.call, item, case.applied, case.now)
    return leaves and item.classification.perimeter
