"""The past of an item in sentences: one for each fact, who said it, and what left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from services.desk.french import (
    attachment_words,
    content_words,
    delivery_words,
    labels_fr,
    note_words,
    reminders,
    silence_words,
)
from services.desk.french.names import Names
from services.desk.store.notices import Notice
from services.desk.store.sheets import ItemSheet
from shared.facts.envelope import EventId, Via
from shared.facts.items import Items
from shared.facts.items.acknowledgements import (
    AcknowledgementSent,
    HoldingReplySent,
    PersonTold,
    ReceiptSent,
)
from shared.facts.items.attachments import AttachmentsRead
from shared.facts.items.closure import DecisionTaken, ItemClosed, ItemReopened, ItemTransferred
from shared.facts.items.corrections import (
    FactWithdrawn,
    ItemAbsorbed,
    ItemMergedInto,
    ItemSplitFrom,
    ReceiptCorrected,
)
from shared.facts.items.directory import PersonChanged
from shared.facts.items.evidence import EvidenceSealed
from shared.facts.items.notice_orders import NoticeDropped, NoticeOrdered, NoticeReleased
from shared.facts.items.pieces import AwaitingThird, PiecesReceived, PiecesRequested, ThirdAnswered
from shared.facts.items.registration import (
    ItemRegistered,
    SenderNoted,
    SenderWroteAgain,
    SubjectNoted,
)
from shared.facts.items.replies import (
    DeliveryNoticed,
    LateExplained,
    LetterReturned,
    RegisteredLetterSent,
    ReplyObserved,
    ReplySent,
    ReturnSettled,
    SecureMailRead,
    SecureMailSent,
)
from shared.facts.items.retention import (
    DocumentWithdrawn,
    ItemDestroyed,
    ItemWithdrawn,
    LegalHoldLifted,
    LegalHoldPlaced,
    SecondPersonAsked,
    WithdrawalAsked,
)
from shared.facts.items.routing import (
    ItemAssigned,
    ItemReclassified,
    NoteWritten,
    OpinionAsked,
    RegimeConfirmed,
    ReminderAnswered,
    ReplyInSignature,
    SignatureReturned,
    WaitEnded,
    WaitStarted,
)
from shared.facts.standing import withdrawn
from shared.facts.vocabulary import NoticeKind, Waiting

BEGINS: Final[Mapping[Waiting, str]] = {
    Waiting.TO_QUALIFY: "À qualifier",
    Waiting.QUARANTINE: "Mis en quarantaine",
    Waiting.RECEIPT_TO_CONFIRM: "Date d’arrivée à confirmer",
    Waiting.TO_PRINT: "À imprimer",
    Waiting.TO_TRANSMIT: "À transmettre",
    Waiting.HELD: "Envoi retenu",
}
"""The begin of a wait: what it is that somebody has to do."""
ENDS: Final[Mapping[Waiting, str]] = {
    Waiting.TO_QUALIFY: "Qualifié",
    Waiting.QUARANTINE: "Sorti de quarantaine",
    Waiting.RECEIPT_TO_CONFIRM: "Plus de date d’arrivée à confirmer",
    Waiting.TO_PRINT: "Plus rien à imprimer",
    Waiting.TO_TRANSMIT: "N’est plus à transmettre",
    Waiting.HELD: "Plus d’envoi retenu",
}
"""The end of a wait, whether somebody did it or it was no longer needed."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A line in the story of an item, in French: moment, what happened, who stated it."""

    at: datetime
    what: str
    who: str
    taken_back: bool = False
    seq: int = 0
    """The fact's number in the item's past; 0 for what became of a notice, and for a reminder."""
    minor: bool = False
    """The register's own bookkeeping: another line says what happened."""


def timeline(sheet: ItemSheet, names: Names) -> Sequence[TimelineEntry]:
    """Returns the story of an item in French lines, oldest first: facts, reminders, notices."""
    taken_back = withdrawn(sheet.facts)
    stated: dict[EventId, Items] = {fact.event_id: fact for fact in sheet.facts}
    moments = [
        TimelineEntry(
            fact.happened_at,
            sentence(fact, names, stated),
            names.author_of_fact(fact),
            fact.event_id in taken_back,
            fact.seq,
            minor(fact),
        )
        for fact in sheet.facts
    ]
    moments += [
        TimelineEntry(reminder.told.happened_at, reminders.sentence(reminder, names), "Vaguemestre")
        for reminder in sheet.warned
    ]
    moments += [
        TimelineEntry(notice.at, _notice(notice, names), "Vaguemestre")
        for notice in sheet.notices
        if notice.state != "sent"
    ]
    return sorted(moments, key=lambda one: one.at)


def minor(fact: Items) -> bool:
    """Whether a fact is only bookkeeping, which another line of an item's story explains."""
    match fact:
        case WaitStarted():
            return fact.waiting is not Waiting.TO_TRANSMIT
        case WaitEnded():
            return fact.waiting not in {Waiting.TO_TRANSMIT, Waiting.TO_QUALIFY}
        case _:
            return isinstance(fact, EvidenceSealed)


def _past(fact: ItemRegistered) -> str:
    if not fact.imported:
        return ""
    taken_over = fact.via is Via.IMPORT
    return ", repris d’un autre registre" if taken_over else ", reçu avant la mise en service"


def _notice(notice: Notice, names: Names) -> str:
    why = f" ({names.reason(notice.why)})" if notice.why else ""
    kind = labels_fr.NOTICES[notice.kind].capitalize()
    return f"{kind} {labels_fr.WAYS[notice.way]} : {labels_fr.NOTICE_STATES[notice.state]}{why}"


def sentence(  # noqa: C901, PLR0911, PLR0912, PLR0915  (one line a fact, every fact)
    fact: Items, names: Names, stated: Mapping[EventId, Items]
) -> str:
    """Formats a fact as a French sentence; `stated`: the item's facts by event id."""
    day = labels_fr.short_day
    match fact:
        case ItemRegistered():
            return f"Enregistré sous le numéro {fact.chrono}{_past(fact)}"
        case WaitStarted():
            return BEGINS[fact.waiting]
        case WaitEnded():
            return ENDS[fact.waiting]
        case ItemAssigned():
            agent = f", {names.person(fact.agent)}" if fact.agent else ""
            return f"Attribué : {names.service(fact.service)}{agent}"
        case ItemReclassified(classification=what):
            perimeter = "" if what.perimeter else ", hors périmètre"
            category = names.category(what.category)
            theme = f", thème\N{NO-BREAK SPACE}: {names.theme(what.theme)}" if what.theme else ""
            return f"Reclassé : {category}, {labels_fr.NATURES[what.nature]}{theme}{perimeter}"
        case RegimeConfirmed():
            return f"Régime du silence confirmé : {fact.regime or 'sans décision implicite'}"
        case ReceiptCorrected(receipt=receipt):
            received = receipt.day if receipt.kind == "on" else receipt.instant.date()
            return f"Date d’arrivée fixée au {day(received)} ({names.reason(fact.reason)})"
        case NoticeOrdered():
            until = f", date donnée : {day(fact.until)}" if fact.until else ""
            also = f"{until}{delivery_words.letter_words(fact.template, len(fact.copies))}"
            return f"Envoi demandé : {labels_fr.NOTICES[fact.kind]}{also}"
        case ReceiptSent():
            return f"Accusé d’enregistrement parti {labels_fr.WAYS[fact.way]}"
        case AcknowledgementSent():
            return f"{labels_fr.NOTICES[fact.kind].capitalize()} parti {labels_fr.WAYS[fact.way]}"
        case PiecesRequested():
            return f"Pièces demandées, à produire avant le {day(fact.until)}"
        case PiecesReceived():
            return "Pièces reçues"
        case AwaitingThird():
            expected = f", attendu le {day(fact.expected)}" if fact.expected else ""
            return f"Attend un tiers : {names.office(fact.who)}{expected}"
        case ThirdAnswered():
            by = " : son message vient de rejoindre ce courrier" if fact.arrival_id else ""
            return f"Le tiers a répondu{by}"
        case ReplyInSignature():
            return f"À la signature : {names.person(fact.signatory)}"
        case SignatureReturned():
            return "Revenu de la signature"
        case HoldingReplySent():
            return f"Réponse d’attente partie, nouvelle date : {day(fact.until)}"
        case ReplyObserved():
            return "Message au correspondant vu dans les envois : à confirmer"
        case ReplySent():
            number = f", départ {fact.departure}" if fact.departure else ""
            used = delivery_words.letter_words(fact.template)
            return f"Réponse partie ({labels_fr.PROOFS[fact.proof]}{number}){used}"
        case DecisionTaken():
            return f"Décision expresse du {day(fact.day)} : {silence_words.EFFECTS[fact.effect]}"
        case ItemTransferred():
            return f"Transmis : {names.office(fact.to)}"
        case PersonTold():
            return f"Personne prévenue de la transmission {labels_fr.WAYS[fact.way]}"
        case SenderWroteAgain():
            return "Nouveau message du correspondant"
        case AttachmentsRead():
            return attachment_words.sentence(fact)
        case ItemClosed():
            return f"Classé ({names.reason(fact.reason)})"
        case ItemReopened():
            return f"Rouvert ({names.reason(fact.reason)})"
        case ItemMergedInto():
            return f"Fusionné avec {names.item(fact.survivor_chrono)}"
        case ItemAbsorbed():
            return f"Fusionné ici : {names.item(fact.absorbed_chrono)}"
        case ItemSplitFrom():
            return f"Séparé de {names.item(fact.parent_chrono)}".replace("de un", "d’un")
        case LateExplained():
            return f"Cause du retard\N{NO-BREAK SPACE}: {labels_fr.LATE_CAUSES[fact.cause]}"
        case ReminderAnswered():
            why = names.reason(fact.reason)
            return f"Réponse à un rappel : {why}, annoncé pour le {day(fact.until)}"
        case NoteWritten():
            return note_words.sentence(fact, names)
        case OpinionAsked():
            return f"Avis demandé : {names.service(fact.service)}, pour le {day(fact.until)}"
        case SubjectNoted():
            return "Objet noté"
        case SenderNoted():
            return "Expéditeur noté"
        case LetterReturned() | ReturnSettled() | NoticeReleased() | NoticeDropped():
            return _of_our_letters(fact, names)
        case RegisteredLetterSent() | DeliveryNoticed() | SecureMailSent() | SecureMailRead():
            return delivery_words.sentence(fact)
        case (
            WithdrawalAsked()
            | DocumentWithdrawn()
            | LegalHoldPlaced()
            | LegalHoldLifted()
            | EvidenceSealed()
            | ItemWithdrawn()
            | ItemDestroyed()
            | PersonChanged()
            | SecondPersonAsked()
        ):
            return content_words.sentence(fact, names)
        case FactWithdrawn():
            target = stated.get(fact.fact)
            said = fact.fact_type if target is None else sentence(target, names, stated)
            return f"Annulé : {said[0].lower()}{said[1:]} ({names.reason(fact.reason)})"
        case _:
            assert_never(fact)


def _of_our_letters(
    fact: LetterReturned | ReturnSettled | NoticeReleased | NoticeDropped, names: Names
) -> str:
    match fact:
        case NoticeReleased():
            return f"Envoi retenu, laissé partir : {labels_fr.NOTICES[fact.kind]}"
        case NoticeDropped():
            return f"Envoi retenu, abandonné : {labels_fr.NOTICES[fact.kind]}"
        case LetterReturned():
            number = f", départ {fact.departure}" if fact.departure else ""
            why = labels_fr.RETURN_REASONS[fact.reason]
            return f"Pli revenu : {labels_fr.NOTICES[fact.kind]}{number}, {why}"
        case ReturnSettled(kind=NoticeKind.COPY):
            return f"Copie non remise : {delivery_words.COPY_OUTCOMES[fact.way]}"
        case ReturnSettled():
            because = f" ({names.reason(fact.reason)})" if fact.reason else ""
            return f"Suite du pli revenu : {labels_fr.SETTLED[fact.outcome]}{because}"
        case _:
            assert_never(fact)
