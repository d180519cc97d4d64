"""Actions on the regime of the implied decision: confirm it, extend its period once."""

from collections.abc import Sequence
from typing import Final

from services.desk.domain.days import local_day
from services.desk.domain.decisions.regimes import ConfirmRegime, ExtendPeriod
from services.desk.french import silence_words
from services.desk.pages.item.action import (
    About,
    ActionField,
    ActionGroup,
    Done,
    ItemAction,
    reasons,
)
from shared.facts.vocabulary import RegimeStart
from shared.web.forms import Form

STARTS: Final = (
    (RegimeStart.FIRST_OFFICE, "de l’arrivée à la première administration saisie"),
    (RegimeStart.COMPETENT_OFFICE, "de l’arrivée à l’administration compétente"),
    (RegimeStart.COMPLETE_FILE, "du jour où le dossier est complet"),
)


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
                        silence_words.regime(regime)
                        + ("" if regime.label else f" ({regime.text})"),
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
                        "S’il y en a un : il fait présumer que le dossier était complet ce jour-là,"
                        " et le délai part de cette date (Conseil d’État, 6 mai 2025, n° 499904)."
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
    command = ExtendPeriod(form.require("reason", "Choisissez un motif."))
    after = await about.decide(form, command)
    return Done(after, f"{about.item.chrono} : délai de la décision implicite prolongé.")


async def _confirm_regime(about: About, form: Form) -> Done:
    command = ConfirmRegime(
        form.text("regime") or None,
        form.word("start", RegimeStart),
        form.day("received"),
        form.day("certificate"),
    )
    return Done(
        await about.decide(form, command), f"{about.item.chrono} : régime du silence confirmé."
    )


ACTIONS: Final[Sequence[ItemAction]] = (
    ItemAction(
        "regime",
        "Confirmer le régime du silence",
        ActionGroup.SAY,
        lambda about: about.there,
        _confirm_regime,
        _regime,
        intro=(
            "L’accusé de réception dira ce que vaut le silence : une erreur donne à la personne"
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
)
