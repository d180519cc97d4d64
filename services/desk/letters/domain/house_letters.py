"""Letters that no service has to approve: the free reply, and the site's own text of three kinds.

What a service's library holds was approved by its head. The free reply has no text to approve: a
person writes it, below the head and above the signature that are the house's. What asks for pieces,
holds on or transmits is the site's template of that kind, as a program's decision sends it: it
stands in the editor with its fields, and is read before it leaves. Its number is 0, and no letter
of a library begins with `_`.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from services.desk.domain.days import local_day
from services.desk.letters.domain.fields import fill_fields, wrongs
from services.desk.letters.domain.library import LetterContent, LetterId, LetterState, LetterVersion
from services.desk.letters.domain.merge_fields import FillContext, known_values
from shared.calendar.local_days import plain_day
from shared.content.tokens import answers_ours
from shared.errors import Refused
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import NoticeKind
from shared.site.texts.letters import (
    Agent,
    Correspondence,
    HoldingReply,
    PiecesRequest,
    Transfer,
    office,
)
from shared.site.texts.pieces_effect import effect_of_pieces
from shared.site.texts.templates import UnusableTemplate, render

FREE: Final = LetterId("_libre")
OF_KIND: Final[Mapping[NoticeKind, LetterId]] = {
    NoticeKind.REPLY: FREE,
    NoticeKind.PIECES: LetterId("_pieces"),
    NoticeKind.HOLDING_REPLY: LetterId("_attente"),
    NoticeKind.TRANSFER: LetterId("_transmission"),
}
"""The letter of ours for each kind that a person composes."""
TITLES: Final[Mapping[NoticeKind, str]] = {
    NoticeKind.REPLY: "Réponse libre",
    NoticeKind.PIECES: "Demande de pièces",
    NoticeKind.HOLDING_REPLY: "Réponse d’attente",
    NoticeKind.TRANSFER: "Transmission à une autre administration",
}
TO_WRITE: Final = "{votre texte}"
"""Stands where the text of a free reply is to be written, and keeps it from leaving unwritten."""
_FREE_SUBJECT: Final = "Réponse à {votre_courrier} du {date_réception}"
_FREE_BODY: Final = f"""Madame, Monsieur,

{TO_WRITE}

Je vous prie d’agréer, Madame, Monsieur, l’expression de ma considération distinguée."""
_NO_DAY: Final = date(9999, 12, 31)
"""Rendered where a person has still to say the day, then replaced by its field."""
_NOBODY: Final = PersonId("")


def is_ours(letter: str) -> bool:
    """Whether an id is one of the house's own letters, which no library holds."""
    return letter in OF_KIND.values()


def house_letter(letter: str, about: FillContext, now: datetime) -> LetterVersion:
    """Returns a letter of the house for an item, with its fields where a person has to say more.

    Raises Refused where there is none of that id, where the item's service is gone, or where the
    site's template leaves out what the law asks for.
    """
    kind = next((kind for kind, ours in OF_KIND.items() if ours == letter), None)
    if kind is None:
        raise Refused(f"There is no letter {letter!r}.", "no-such-letter")
    if kind is NoticeKind.REPLY:
        subject, body = fill_fields(_FREE_SUBJECT, known_values(about)), _FREE_BODY
    else:
        subject, body = _site_text(kind, about, now)
        found = wrongs(kind, TITLES[kind], subject, body)
        if found:
            raise Refused(f"{found[0]}", "letter-site-text")
    content = LetterContent(kind, TITLES[kind], subject, body)
    begun = datetime(1970, 1, 1, tzinfo=UTC)
    return LetterVersion(OF_KIND[kind], None, 0, content, LetterState.APPROVED, _NOBODY, begun)


def _site_text(kind: NoticeKind, about: FillContext, now: datetime) -> tuple[str, str]:
    """Subject and body of the site's template, unsigned: the signature is added to every letter."""
    item, site = about.item, about.applied.site
    service = site.service_now(item.service)
    if service is None:
        raise Refused(
            f"Service {item.service} is gone: assign {item.chrono} first.", "no-such-service"
        )
    known, agent = known_values(about), about.signer
    mine = known["objet"] if about.pli and not answers_ours(about.pli.subject) else ""
    common: dict[str, Any] = {
        "office": office(site.identity, service, delegated=about.has_delegation(kind)),
        "reference": item.chrono,
        "written": about.today,
        "received": local_day(item.receipt, site.zone),
        "channel": item.channel,
        "agent": Agent(agent.first_name, agent.name, agent.capacity),
        "about": mine or None,
        "emergency_line": site.identity.emergency_line,
    }
    context: Correspondence
    match kind:
        case NoticeKind.PIECES:
            effect = effect_of_pieces(item.regime, item.pieces, site, now)
            context = PiecesRequest(**common, pieces=("{pièces}",), until=_NO_DAY, effect=effect)
            day = "{date_limite}"
        case NoticeKind.HOLDING_REPLY:
            context = HoldingReply(**common, promised=_NO_DAY, reason="{motif}")
            day = "{nouvelle_date}"
        case _:
            reach = f"renseignements auprès de nous : {known['téléphone']}"
            context = Transfer(
                **common, to="{administration}", to_contact=reach, transferred=about.today
            )
            day = ""
    try:
        text = render(site.templates, context)
    except UnusableTemplate as error:
        raise Refused(f"{error}", "letter-site-text") from error
    body = text.body.replace(plain_day(_NO_DAY), day).replace("- {pièces}", "{pièces}")
    paragraphs = body.split("\n\n")
    if len(paragraphs) > 1 and paragraphs[-1].startswith(context.office.signatory):
        del paragraphs[-1]
    subject = text.subject.replace(f"(référence {item.chrono})", "").strip()
    return subject, "\n\n".join(paragraphs)
