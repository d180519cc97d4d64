"""Actions of what was said to the sender: confirm what was seen, key what left, transmit."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.desk.domain.decisions.replies import Decide, Declare, TransferItem
from services.desk.domain.decisions.sent_folder_replies import ConfirmReply, ObservedReply
from services.desk.domain.decisions.transfer import NotToTransmit, ToTransmit
from services.desk.french import labels_fr, silence_words
from services.desk.pages.item.action import (
    NO_ADDRESS,
    TELLING,
    TOLD,
    About,
    ActionField,
    ActionGroup,
    Done,
    ItemAction,
    offices,
    told_by,
)
from services.desk.pages.item.postal_proofs import NUMBER
from shared.facts.vocabulary import Effect, NoticeKind, Waiting, Way
from shared.web.forms import Form, Mistyped

SEEN: Final[Mapping[ObservedReply, str]] = {
    ObservedReply.REPLY: "La réponse",
    ObservedReply.HOLDING: "Une réponse d’attente",
    ObservedReply.PIECES: "Une demande de pièces",
    ObservedReply.TRANSFER: "L’avis d’une transmission",
    ObservedReply.ACKNOWLEDGEMENT: "Un accusé de réception",
    ObservedReply.NONE: "Rien de tout cela",
}
AT_ONCE: Final = (
    (ObservedReply.REPLY, "r"),
    (ObservedReply.ACKNOWLEDGEMENT, "e"),
    (ObservedReply.NONE, "n"),
)
"""What is confirmed by one key; the others give a date or an office."""

LEFT: Final = (
    NoticeKind.REPLY,
    NoticeKind.HOLDING_REPLY,
    NoticeKind.PIECES,
    NoticeKind.TRANSFER,
    NoticeKind.SIMPLE,
    NoticeKind.SVR,
    NoticeKind.SVA,
)


def _seen(about: About) -> Sequence[ActionField]:
    return (
        ActionField(
            "seen", "Ce message était", options=[(one.value, said) for one, said in SEEN.items()]
        ),
        ActionField(
            "until",
            "Date qu’il donne",
            kind="date",
            hint="D’une réponse d’attente ou d’une demande de pièces.",
        ),
        ActionField(
            "to",
            "Transmis à",
            options=offices(about),
            empty="Sans objet",
            hint="D’une transmission.",
        ),
    )


async def _confirm(about: About, form: Form) -> Done:
    seen = form.word("seen", ObservedReply)
    if seen is None:
        raise Mistyped("seen", "Dites ce que ce message était.")
    command = ConfirmReply(seen, form.day("until"), form.text("to") or None)
    after = await about.decide(form, command)
    said = SEEN[seen][0].lower() + SEEN[seen][1:]
    what = "n’était pas une réponse" if seen is ObservedReply.NONE else f"était {said}"
    return Done(after, f"{about.item.chrono} : le message vu dans les envois {what}.")


def _left(about: About) -> Sequence[ActionField]:
    return (
        ActionField(
            "kind",
            "Ce qui est parti",
            options=[(fact.value, labels_fr.NOTICES[fact]) for fact in LEFT],
        ),
        ActionField("day", "Parti le", kind="date", value=about.visit.today.isoformat()),
        ActionField(
            "until",
            "Date qu’elle donne",
            kind="date",
            hint="D’une réponse d’attente ou d’une demande de pièces.",
        ),
        NUMBER,
    )


async def _depart(about: About, form: Form) -> Done:
    kind = form.word("kind", NoticeKind) or NoticeKind.REPLY
    if kind not in LEFT:
        raise Mistyped("kind", "Choisissez dans la liste.")
    by = about.visit.decider(form.decision)
    after, departure = await by.depart(
        about.item.item_id,
        kind,
        form.day("day"),
        form.day("until"),
        registered=form.text(NUMBER.name),
    )
    return Done(after, f"{about.item.chrono} : départ enregistré sous le numéro {departure}.")


def _answered(about: About) -> Sequence[ActionField]:
    today = about.visit.today.isoformat()
    return (ActionField("day", "Répondu le", kind="date", value=today, required=True),)


async def _declare(about: About, form: Form) -> Done:
    day = form.day("day")
    if day is None:
        raise Mistyped("day", "Donnez le jour où la personne a eu sa réponse.")
    after = await about.decide(form, Declare(day))
    return Done(after, f"{about.item.chrono} : réponse déclarée le {labels_fr.short_day(day)}.")


def _competent(about: About) -> str:
    """The office that decides such a matter, where the site names it."""
    row = about.visit.applied.site.category.get(about.item.classification.category)
    return (row.transmit_to if row else None) or ""


def _transfer_fields(about: About) -> Sequence[ActionField]:
    return (
        ActionField(
            "to",
            "Administration compétente",
            options=offices(about),
            value=_competent(about),
            empty="Choisissez",
            required=True,
        ),
        ActionField(
            "way",
            "La personne en est prévenue",
            options=TELLING,
            value=Way.MAIL.value if about.mailable else Way.PAPER.value,
            hint="" if about.mailable else NO_ADDRESS,
        ),
    )


async def _transfer(about: About, form: Form) -> Done:
    to = form.require("to", "Choisissez l’administration compétente.")
    way, knows = told_by(form)
    after = await about.decide(form, TransferItem(to, way, knows))
    return Done(after, f"{about.item.chrono} : transmis à {about.names.office(to)}.")


async def _to_transmit(about: About, form: Form) -> Done:
    after = await about.decide(form, ToTransmit())
    said = f"{about.item.chrono} : à transmettre hors de la préfecture, le délai court."
    return Done(after, said)


async def _not_to_transmit(about: About, form: Form) -> Done:
    after = await about.decide(form, NotToTransmit())
    return Done(after, f"{about.item.chrono} : n’est plus à transmettre.")


def _decision(about: About) -> Sequence[ActionField]:
    return (
        ActionField(
            "effect",
            "Décision",
            options=[(one.value, said) for one, said in silence_words.EFFECTS.items()],
        ),
        ActionField("day", "Du", kind="date", value=about.visit.today.isoformat(), required=True),
    )


async def _decide(about: About, form: Form) -> Done:
    effect, day = form.word("effect", Effect), form.day("day")
    if effect is None or day is None:
        raise Mistyped("day" if effect else "effect", "Donnez la décision et son jour.")
    after = await about.decide(form, Decide(effect, day))
    return Done(after, f"{about.item.chrono} : décision du {labels_fr.short_day(day)} notée.")


ACTIONS: Final[Sequence[ItemAction]] = (
    ItemAction(
        "envoi-vu",
        "Dire ce qu’était le message vu",
        ActionGroup.ANSWER,
        lambda about: about.there and bool(about.item.observations),
        _confirm,
        _seen,
        intro="Une réponse compte au moment où le message est parti, pas maintenant.",
    ),
    ItemAction(
        "depart",
        "Saisir un départ",
        ActionGroup.ANSWER,
        lambda about: about.in_hand,
        _depart,
        _left,
        key="l",
        intro=(
            "Une lettre signée est partie au courrier : elle prend un numéro de départ, et une"
            " réponse arrête le délai."
        ),
    ),
    ItemAction(
        "declarer",
        "Déclarer une réponse",
        ActionGroup.ANSWER,
        lambda about: about.may_be_answered,
        _declare,
        _answered,
        intro=(
            "Seulement pour une réponse dont rien ne se voit ici : par téléphone, ou d’une autre"
            " boîte. Elle compte, mais l’auditeur la lira à part, comme déclarée sans preuve."
        ),
    ),
    ItemAction(
        "transmettre",
        "Transmettre hors de la préfecture",
        ActionGroup.GIVE,
        lambda about: about.open and about.item.transfer is None,
        _transfer,
        _transfer_fields,
        letter="_transmission",
        already=TOLD,
        intro=(
            "Le courrier relève d’une autre administration : elle le reçoit et la personne en"
            " est prévenue (article L. 114-2)."
        ),
    ),
    ItemAction(
        "a-transmettre",
        "À transmettre",
        ActionGroup.GIVE,
        lambda about: (
            about.open
            and about.item.transfer is None
            and Waiting.TO_TRANSMIT not in about.item.waits
        ),
        _to_transmit,
    ),
    ItemAction(
        "ne-plus-transmettre",
        "Ne plus transmettre",
        ActionGroup.GIVE,
        lambda about: Waiting.TO_TRANSMIT in about.item.waits,
        _not_to_transmit,
    ),
    ItemAction(
        "decision",
        "Noter une décision expresse",
        ActionGroup.ANSWER,
        lambda about: (
            about.there and about.item.regime is not None and about.item.regime.regime is not None
        ),
        _decide,
        _decision,
        intro="Une décision prise arrête le délai de la décision implicite.",
    ),
)
