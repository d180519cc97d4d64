"""Actions of what an item waits for: pieces, somebody else, a signature, a new date."""

from collections.abc import Sequence
from typing import Final

from services.desk.domain.decisions.closure import AnswerReminder
from services.desk.domain.decisions.replies import HoldOn
from services.desk.domain.decisions.waits import (
    AskPieces,
    AwaitThird,
    FromSignature,
    HearThird,
    TakePieces,
    ToSignature,
)
from services.desk.french import labels_fr
from services.desk.pages.item.action import (
    SENT,
    About,
    ActionField,
    ActionGroup,
    Done,
    ItemAction,
    by_words,
    offices,
    reasons,
    way_field,
    way_of,
)
from shared.facts.vocabulary import ClockName, NoticeKind
from shared.site.tables.people import Person
from shared.web.forms import Form, Mistyped


def _pieces(about: About) -> Sequence[ActionField]:
    labels = about.visit.applied.site.labels
    return (
        ActionField(
            "piece",
            "Pièces manquantes",
            options=by_words((code, labels.piece(code)) for code in labels.pieces),
            boxes=True,
        ),
        ActionField("until", "À produire avant le", kind="date", required=True),
        way_field("La demande", about),
    )


async def _ask_pieces(about: About, form: Form) -> Done:
    until = form.day("until")
    if until is None:
        raise Mistyped("until", "Donnez la date avant laquelle les pièces doivent arriver.")
    way, sent = way_of(form)
    command = AskPieces(until, tuple(form.texts("piece")), way, sent=sent)
    after = await about.decide(form, command)
    what = "pièces demandées" if sent else "la demande de pièces est confiée à l’envoi"
    return Done(
        after, f"{about.item.chrono} : {what}, à produire avant le {labels_fr.short_day(until)}."
    )


async def _take_pieces(about: About, form: Form) -> Done:
    after = await about.decide(form, TakePieces())
    return Done(after, f"{about.item.chrono} : pièces reçues.")


def _third(about: About) -> Sequence[ActionField]:
    return (
        ActionField(
            "who",
            "Qui doit se prononcer",
            options=offices(about),
            empty="Choisissez",
            required=True,
        ),
        ActionField("expected", "Réponse attendue le", kind="date", hint="Si vous le savez."),
    )


async def _await_third(about: About, form: Form) -> Done:
    who = form.require("who", "Choisissez qui doit se prononcer.")
    after = await about.decide(form, AwaitThird(who, form.day("expected")))
    return Done(after, f"{about.item.chrono} : attend {about.names.office(who)}.")


async def _hear_third(about: About, form: Form) -> Done:
    after = await about.decide(form, HearThird())
    return Done(after, f"{about.item.chrono} : le tiers a répondu.")


def _signatories(about: About) -> Sequence[ActionField]:
    chiefs = [] if about.service is None else [about.service.head, about.service.director]
    chiefs.append(about.visit.applied.site.identity.general_secretary)
    people = sorted(
        about.visit.directory.people.values(), key=lambda one: (one.name, one.first_name)
    )
    able = [person.id for person in _able(about)]
    ids = dict.fromkeys([*able, *chiefs, *(person.id for person in people)])
    return (
        ActionField(
            "signatory",
            "À la signature de",
            options=[(id_, _signing(about, id_, able)) for id_ in ids],
            required=True,
            hint="D’abord ceux qui ont une délégation pour la réponse de ce service.",
        ),
    )


def _able(about: About) -> Sequence[Person]:
    """Who may sign its reply « par délégation », today."""
    service = about.item.service if about.service is None else about.service.id
    return about.visit.directory.signatories(service, NoticeKind.REPLY, about.visit.today)


def _signing(about: About, person: str, able: Sequence[str]) -> str:
    return about.names.person(person) + (" (délégation)" if person in able else "")


async def _to_signature(about: About, form: Form) -> Done:
    who = form.require("signatory", "Choisissez qui signe.")
    after = await about.decide(form, ToSignature(who))
    return Done(after, f"{about.item.chrono} : à la signature de {about.names.person(who)}.")


async def _from_signature(about: About, form: Form) -> Done:
    after = await about.decide(form, FromSignature())
    return Done(after, f"{about.item.chrono} : revenu de la signature.")


def _holding(about: About) -> Sequence[ActionField]:
    return (
        ActionField(
            "until",
            "Nouvelle date annoncée",
            kind="date",
            required=True,
            hint="Un jour ouvré, après l’échéance : la personne est en droit d’y compter.",
        ),
        way_field("La réponse d’attente", about),
    )


async def _hold_on(about: About, form: Form) -> Done:
    until = form.day("until")
    if until is None:
        raise Mistyped("until", "Donnez la nouvelle date.")
    way, sent = way_of(form)
    after = await about.decide(form, HoldOn(until, way, sent=sent))
    what = "réponse d’attente notée" if sent else "la réponse d’attente est confiée à l’envoi"
    return Done(
        after, f"{about.item.chrono} : {what}, nouvelle date le {labels_fr.short_day(until)}."
    )


ANSWERED_FIRST: Final = frozenset({ClockName.REPLY, ClockName.HOLDING})
"""Of an agent a reminder asks when the answer leaves; the receipts are the mail office's."""


def _reminded(about: About) -> Sequence[ClockName]:
    """The clocks of which a reminder stands, the one of the answer first."""
    warned = [name for name, clock in about.sheet.clocks.items() if clock.runs and clock.rungs]
    return sorted(warned, key=lambda name: (name not in ANSWERED_FIRST, name.value))


def _may_answer_reminder(about: About) -> bool:
    me = about.visit.person.id
    holds = me == about.item.signatory or about.works_there(me)
    return about.open and holds and bool(_reminded(about))


def _reminder(about: About) -> Sequence[ActionField]:
    return (
        ActionField(
            "clock",
            "Rappel",
            options=[(name.value, labels_fr.CLOCKS[name]) for name in _reminded(about)],
        ),
        ActionField(
            "reason", "Motif", options=reasons(about, "late"), empty="Choisissez", required=True
        ),
        ActionField(
            "until",
            "Date à laquelle ce sera fait",
            kind="date",
            required=True,
            hint="Au plus dix jours ouvrés après l’échéance ; au-delà, écrivez à la personne.",
        ),
    )


async def _answer_reminder(about: About, form: Form) -> Done:
    until = form.day("until")
    if until is None:
        raise Mistyped("until", "Donnez la date à laquelle ce sera fait.")
    reason = form.require("reason", "Choisissez un motif.")
    clock = form.word("clock", ClockName) or ClockName.REPLY
    after = await about.decide(form, AnswerReminder(clock, reason, until))
    return Done(after, f"{about.item.chrono} : votre réponse au rappel est notée.")


ACTIONS: Final[Sequence[ItemAction]] = (
    ItemAction(
        "pieces",
        "Demander des pièces",
        ActionGroup.WAIT,
        lambda about: about.open,
        _ask_pieces,
        _pieces,
        key="d",
        letter="_pieces",
        already=SENT,
        intro=(
            "Le délai de réponse continue de courir ; le délai net, sans cette attente, est"
            " montré à côté."
        ),
    ),
    ItemAction(
        "pieces-recues",
        "Pièces reçues",
        ActionGroup.WAIT,
        lambda about: about.open and about.item.pieces_until is not None,
        _take_pieces,
        key="q",
    ),
    ItemAction(
        "attente",
        "Réponse d’attente",
        ActionGroup.WAIT,
        lambda about: about.open,
        _hold_on,
        _holding,
        key="w",
        letter="_attente",
        already=SENT,
        intro=(
            "Quand la date ne peut pas être tenue : la personne reçoit des excuses, votre nom et"
            " une nouvelle date."
        ),
    ),
    ItemAction(
        "signature",
        "Mettre à la signature",
        ActionGroup.WAIT,
        lambda about: about.open,
        _to_signature,
        _signatories,
        key="g",
        intro="La personne qui signe tient alors le courrier ; le délai continue de courir.",
    ),
    ItemAction(
        "retour-signature",
        "Revenu de la signature",
        ActionGroup.WAIT,
        lambda about: about.open and about.item.signatory is not None,
        _from_signature,
    ),
    ItemAction(
        "tiers",
        "Attendre un tiers",
        ActionGroup.WAIT,
        lambda about: about.open,
        _await_third,
        _third,
        key="t",
        intro=(
            "Une autre administration doit se prononcer d’abord. Aucun délai ne s’arrête. Pour lui"
            " écrire d’ici, choisissez plutôt une lettre à un tiers : « Écrire une réponse »."
        ),
    ),
    ItemAction(
        "tiers-repondu",
        "Le tiers a répondu",
        ActionGroup.WAIT,
        lambda about: about.open and about.item.third is not None,
        _hear_third,
    ),
    ItemAction(
        "rappel",
        "Répondre au rappel",
        ActionGroup.WAIT,
        _may_answer_reminder,
        _answer_reminder,
        _reminder,
        key="m",
        intro="Dites pourquoi et jusqu’à quand : vos responsables le liront avec le rappel.",
    ),
)
