"""Actions that end, reopen and join."""

from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException

from services.desk.domain.decisions.closure import Close, Reopen
from services.desk.domain.decisions.merge import carried_opinions, carried_third
from services.desk.domain.item import Item, ItemStatus
from services.desk.french import labels_fr
from services.desk.pages.item.action import (
    About,
    ActionField,
    ActionGroup,
    Done,
    ItemAction,
    reasons,
)
from shared.web.forms import Form, Mistyped

MERGE: Final = "fusionner"
"""The action that joins an item to another one, in addresses."""


def _closing(about: About) -> Sequence[ActionField]:
    answered = about.state in {ItemStatus.ANSWERED, ItemStatus.TRANSFERRED}
    hint = "" if answered else "Sans réponse : c’est ce motif que lira l’auditeur."
    return (
        ActionField(
            "reason",
            "Motif",
            options=reasons(about, "close"),
            empty="Choisissez",
            required=True,
            hint=hint,
        ),
    )


async def _close(about: About, form: Form) -> Done:
    after = await about.decide(form, Close(form.require("reason", "Choisissez un motif.")))
    return Done(after, f"{about.item.chrono} : classé.")


def _reopening(about: About) -> Sequence[ActionField]:
    return (ActionField("reason", "Motif", options=reasons(about, "reopen"), required=True),)


async def _reopen(about: About, form: Form) -> Done:
    after = await about.decide(form, Reopen(form.require("reason", "Choisissez un motif.")))
    return Done(after, f"{about.item.chrono} : rouvert, le délai compté depuis l’arrivée reprend.")


def _survivor(about: About) -> Sequence[ActionField]:
    linked = about.sheet.linked
    return (
        ActionField(
            "into",
            "Numéro du courrier qui continue",
            value="" if linked is None else linked.chrono,
            required=True,
            hint=f"En entier, ou seulement son numéro de l’année.{_owed(about)}",
        ),
    )


def _owed(about: About) -> str:
    """What becomes of the opinions and the third party that it waits for; empty without one."""
    owed = [
        f"{about.names.service(asked.service)} pour le {labels_fr.short_day(asked.until)}"
        for asked in about.item.opinions
    ]
    if about.item.ended:
        return ""
    said = ""
    if owed:
        said += (
            f" Avis encore attendu : {', '.join(owed)}. Il sera attendu sur le courrier qui"
            " continue."
        )
    if about.item.third is not None:
        whom = about.names.office(about.item.third)
        said += (
            f" Réponse attendue d’un tiers : {whom}. Elle sera attendue sur le courrier qui"
            " continue, s’il n’attend pas un autre tiers."
        )
    return said


def _carried(about: About, survivor: Item) -> str:
    """Which of these opinions and asks go on at the survivor, and which are waited for no more."""
    if about.item.ended:
        return ""
    on = carried_opinions(about.item, survivor)
    over = [asked for asked in about.item.opinions if asked not in on]
    said = ""
    if on:
        whom = ", ".join(about.names.service(asked.service) for asked in on)
        said += f" L’avis demandé ({whom}) est maintenant attendu sur {survivor.chrono}."
    if over:
        whom = ", ".join(about.names.service(asked.service) for asked in over)
        said += f" L’avis demandé ({whom}) n’est plus attendu."
    if about.item.third is not None:
        goes_on = bool(carried_third(about.item, survivor))
        said += f" La réponse du tiers ({about.names.office(about.item.third)})"
        now = f" est maintenant attendue sur {survivor.chrono}."
        said += now if goes_on else " n’est plus attendue."
    return said


async def _merge(about: About, form: Form) -> Done:
    typed = form.require("into", "Donnez le numéro du courrier qui continue.")
    try:
        survivor = (await about.visit.item(typed, decides=True)).item
    except HTTPException as unknown:
        raise Mistyped("into", str(unknown.detail)) from None
    after = await about.visit.decider(form.decision).merge(about.item.item_id, survivor.item_id)
    return Done(
        after,
        f"{about.item.chrono} : fusionné avec {after.chrono}, qui garde la date la plus ancienne."
        + _carried(about, survivor),
    )


ACTIONS: Final[Sequence[ItemAction]] = (
    ItemAction(
        "classer",
        "Classer",
        ActionGroup.END,
        lambda about: about.there and (about.item.closed is None or bool(about.item.returned)),
        _close,
        _closing,
        key="x",
        intro=(
            "Le courrier quitte les listes ; tout ce qui s’est passé reste, et il peut être"
            " rouvert."
        ),
    ),
    ItemAction(
        "rouvrir",
        "Rouvrir",
        ActionGroup.END,
        lambda about: about.state is ItemStatus.CLOSED,
        _reopen,
        _reopening,
        key="x",
    ),
    ItemAction(
        MERGE,
        "Fusionner avec un autre",
        ActionGroup.END,
        lambda about: about.there and not about.item.replies,
        _merge,
        _survivor,
        intro=(
            "Ce courrier était une suite d’un autre : une seule réponse répondra aux deux. La"
            " fusion s’annule."
        ),
    ),
)
