"""Actions that say what an item is: its category, its regime, its day of receipt."""

from collections.abc import Mapping, Sequence
from typing import Final

from services.desk.domain.days import local_day
from services.desk.domain.decisions.classification import CorrectReceipt, Reclassify
from services.desk.domain.decisions.regimes import ConfirmRegime, ExtendPeriod
from services.desk.french import labels_fr
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
from shared.facts.vocabulary import Confidentiality, Nature, Priority, RegimeStart, SenderKind
from shared.web.forms import Form, Mistyped

STARTS: Final = (
    (RegimeStart.FIRST_OFFICE, "de l’arrivée à la première administration saisie"),
    (RegimeStart.COMPETENT_OFFICE, "de l’arrivée à l’administration compétente"),
    (RegimeStart.COMPLETE_FILE, "du jour où le dossier est complet"),
)


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
        ActionField(
            "sender_kind",
            "Qui écrit",
            options=_words(labels_fr.SENDERS),
            value=now.sender_kind,
            hint="« À préciser » : aucun message automatique ne part avant qu’on le sache.",
        ),
        ActionField(
            "perimeter",
            "Engagements de délai",
            options=(
                ("", "comme l’objet le dit"),
                ("dans", "dans le périmètre des engagements"),
                *(
                    (f"hors:{code}", f"hors périmètre : {label}")
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
                "Réservée ou personnelle : ne le lisent plus que son agent, les chefs et le"
                " secrétaire général."
            ),
        ),
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
    return Done(await about.decide(form, command), f"{about.item.chrono} : reclassé.")


def _who(about: About) -> Sequence[ActionField]:
    who = about.who or Correspondent()
    return (
        ActionField(
            "sender_kind",
            "Qui écrit",
            options=_words(labels_fr.SENDERS),
            value=about.item.classification.sender_kind,
            hint="« À préciser » : aucun message automatique ne part avant qu’on le sache.",
        ),
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
        raise Mistyped(sender.NAME, "Rien n’a changé : corrigez le nom ou une adresse.")
    return Done(after, f"{after.chrono} : expéditeur corrigé.")


def _regime(about: About) -> Sequence[ActionField]:
    site = about.visit.applied.site
    row = site.category.get(about.item.classification.category)
    allowed = [site.regime[code] for code in row.allowed if code in site.regime] if row else []
    now = about.item.regime
    return (
        ActionField(
            "regime",
            "Ce que vaudra le silence",
            options=[
                *(
                    (
                        regime.id,
                        labels_fr.regime(regime) + ("" if regime.label else f" ({regime.text})"),
                    )
                    for regime in allowed
                ),
                ("", "C’est une demande sans décision implicite"),
            ],
            value=(now.regime or "") if now else "" if not allowed else allowed[0].id,
        ),
        ActionField(
            "start",
            "Le délai part",
            options=[
                ("", "comme ce régime le prévoit"),
                *((one.value, said) for one, said in STARTS),
            ],
            value=now.start if now else "",
            hint=(
                "Une acceptation ne part jamais de la première administration saisie (L. 114-3),"
                " ni avant que le dossier soit complet (L. 114-5)."
            ),
        ),
        ActionField(
            "received",
            "Ce jour-là",
            kind="date",
            value=local_day(about.item.receipt, site.zone).isoformat(),
            hint="Le jour d’arrivée, sauf si une autre administration l’a reçu avant nous.",
        ),
        *(
            (
                ActionField(
                    "certificate",
                    "Récépissé remis le",
                    kind="date",
                    hint=(
                        "S’il y en a un : il fait présumer que le dossier était complet ce jour-là,"
                        " et le délai part de cette date (Conseil d’État, 6 mai 2025, n° 499904)."
                    ),
                ),
            )
            if any(regime.start is RegimeStart.COMPLETE_FILE for regime in allowed)
            else ()
        ),
    )


def _may_extend(about: About) -> bool:
    confirmed = about.item.regime
    code = confirmed.regime if confirmed and confirmed.extended is None else None
    regime = about.visit.applied.site.regime.get(code or "")
    return about.there and regime is not None and regime.extension is not None


def _extension(about: About) -> Sequence[ActionField]:
    return (
        ActionField(
            "reason", "Motif", options=reasons(about, "extend"), empty="Choisissez", required=True
        ),
    )


async def _extend(about: About, form: Form) -> Done:
    command = ExtendPeriod(form.needed("reason", "Choisissez un motif."))
    after = await about.decide(form, command)
    return Done(after, f"{about.item.chrono} : délai de la décision implicite prolongé.")


async def _confirm_regime(about: About, form: Form) -> Done:
    command = ConfirmRegime(
        form.text("regime") or None,
        form.word("start", RegimeStart),
        form.day("received"),
        form.day("certificate"),
    )
    return Done(
        await about.decide(form, command), f"{about.item.chrono} : régime du silence confirmé."
    )


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
    command = CorrectReceipt(day, form.needed("reason", "Choisissez d’après quoi."))
    after = await about.decide(form, command)
    return Done(
        after,
        f"{about.item.chrono} : arrivé le {labels_fr.short_day(day)}, les délais sont recomptés.",
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
    ItemAction(
        "regime",
        "Confirmer le régime du silence",
        ActionGroup.SAY,
        lambda about: about.there,
        _confirm_regime,
        _regime,
        intro=(
            "L’accusé de réception dira ce que vaut le silence : une erreur donne à la personne"
            " un droit qu’elle n’a pas, ou lui en retire un. Confirmez seulement ce que vous avez"
            " lu."
        ),
    ),
    ItemAction(
        "prolonger",
        "Prolonger le délai du silence",
        ActionGroup.SAY,
        _may_extend,
        _extend,
        _extension,
        intro=(
            "Une seule fois, par une décision motivée dont la personne est informée avant la fin"
            " du délai."
        ),
    ),
    ItemAction(
        "date-arrivee",
        "Corriger la date d’arrivée",
        ActionGroup.SAY,
        lambda about: about.there,
        _correct_receipt,
        _receipt,
    ),
)
