"""Actions that say what an item is: its category, its sender, its regime, its day of receipt."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.desk.domain.days import local_day
from services.desk.domain.decisions.classification import Reclassify
from services.desk.domain.decisions.corrections import CorrectReceipt
from services.desk.french import labels_fr
from services.desk.pages.item import regimes
from services.desk.pages.item.action import (
    About,
    ActionField,
    ActionGroup,
    Done,
    ItemAction,
    Options,
    reasons,
)
from services.desk.pages.office import sender
from services.desk.rights import Sight
from shared.content.plis import Correspondent
from shared.facts.vocabulary import Confidentiality, Nature, Priority, SenderKind
from shared.web.forms import Form, Mistyped


def _what(about: About) -> Sequence[ActionField]:
    now, site = about.item.classification, about.visit.applied.site
    may_flag = now.priority is Priority.SIGNALEE or bool(
        about.visit.roles.leads or about.visit.roles.secretary
    )
    priorities = [
        priority for priority in Priority if may_flag or priority is not Priority.SIGNALEE
    ]
    return (
        ActionField(
            "category",
            "Objet",
            options=[(row.id, row.label) for row in site.routing.categories],
            value=now.category,
        ),
        ActionField("nature", "Nature", options=_words(labels_fr.NATURES), value=now.nature),
        ActionField(
            "theme",
            "Thème",
            options=list(site.labels.every_theme.items()),
            value=now.theme or "",
            empty="à préciser",
            hint="D’une réclamation ou d’une suggestion.",
        ),
        _sender_kind(about),
        ActionField(
            "perimeter",
            "Engagements de délai",
            options=(
                ("", "comme l’objet le dit"),
                ("dans", "dans le périmètre des engagements"),
                *(
                    (f"hors:{code}", f"hors périmètre : {label}")
                    for code, label in reasons(about, "perimeter")
                ),
            ),
        ),
        ActionField(
            "priority",
            "Priorité",
            options=[(priority.value, labels_fr.PRIORITIES[priority]) for priority in priorities],
            value=now.priority,
        ),
        ActionField(
            "confidentiality",
            "Confidentialité",
            options=_words(labels_fr.CONFIDENTIALITIES),
            value=now.confidentiality,
            hint=(
                "Réservée ou personnelle : ne le lisent plus que son agent, les chefs et le"
                " secrétaire général."
            ),
        ),
    )


def _sender_kind(about: About) -> ActionField:
    return ActionField(
        "sender_kind",
        "Qui écrit",
        options=_words(labels_fr.SENDERS),
        value=about.item.classification.sender_kind,
        hint="« À préciser » : aucun message automatique ne part avant qu’on le sache.",
    )


def _words(
    of: Mapping[Nature, str] | Mapping[Confidentiality, str] | Mapping[SenderKind, str],
) -> Options:
    return [(str(one), said) for one, said in of.items()]


async def _reclassify(about: About, form: Form) -> Done:
    category = form.text("category")
    said = form.text("perimeter")
    where, _, reason = said.partition(":")
    command = Reclassify(
        category=None if category == about.item.classification.category else category or None,
        nature=form.word("nature", Nature),
        perimeter=None if not said else where == "dans",
        reason=reason or None,
        priority=form.word("priority", Priority),
        confidentiality=form.word("confidentiality", Confidentiality),
        sender_kind=form.word("sender_kind", SenderKind),
        theme=form.text("theme") or None,
    )
    return Done(await about.decide(form, command), f"{about.item.chrono} : reclassé.")


def _who(about: About) -> Sequence[ActionField]:
    who = about.who or Correspondent()
    return (
        _sender_kind(about),
        ActionField(sender.NAME, "Nom", value=who.name),
        ActionField(
            sender.ADDRESS,
            "Adresse électronique",
            value=who.address,
            hint="Ce qui est envoyé par courriel y part.",
        ),
        ActionField(
            sender.POSTAL,
            "Adresse postale",
            kind="textarea",
            value=who.postal,
            hint="Telle qu’elle doit figurer sur l’enveloppe, ligne par ligne.",
        ),
    )


async def _note_sender(about: About, form: Form) -> Done:
    """The kind and the person, each a fact of its own where it changes. Raises Refused."""
    by, kind = about.visit.decider(form.decision), form.word("sender_kind", SenderKind)
    item = await by.correct_kind(about.item, kind)
    after = await sender.note(about.visit, form, item)
    if after.seq == about.item.seq:
        raise Mistyped(sender.NAME, "Rien n’a changé : corrigez le nom ou une adresse.")
    return Done(after, f"{after.chrono} : expéditeur corrigé.")


def _receipt(about: About) -> Sequence[ActionField]:
    day = local_day(about.item.receipt, about.visit.applied.site.zone)
    return (
        ActionField("day", "Jour d’arrivée", kind="date", value=day.isoformat(), required=True),
        ActionField("reason", "D’après quoi", options=reasons(about, "receipt")),
    )


async def _correct_receipt(about: About, form: Form) -> Done:
    day = form.day("day")
    if day is None:
        raise Mistyped("day", "Donnez le jour d’arrivée.")
    command = CorrectReceipt(day, form.require("reason", "Choisissez d’après quoi."))
    after = await about.decide(form, command)
    return Done(
        after,
        f"{about.item.chrono} : arrivé le {labels_fr.short_day(day)}, les délais sont recomptés.",
    )


ACTIONS: Final[Sequence[ItemAction]] = (
    ItemAction(
        "reclasser",
        "Reclasser",
        ActionGroup.SAY,
        lambda about: about.there,
        _reclassify,
        _what,
        key="o",
    ),
    ItemAction(
        "expediteur",
        "Corriger l’expéditeur",
        ActionGroup.SAY,
        lambda about: about.there and about.visit.sight(about.item) is Sight.WHOLE,
        _note_sender,
        _who,
        hidden=((sender.SHOWN, "oui"),),
    ),
    *regimes.ACTIONS,
    ItemAction(
        "date-arrivee",
        "Corriger la date d’arrivée",
        ActionGroup.SAY,
        lambda about: about.there,
        _correct_receipt,
        _receipt,
    ),
)
