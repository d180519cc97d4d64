"""The silence of an administration in French: what it comes to mean, and after which period."""

from collections.abc import Mapping
from typing import Final, assert_never

from shared.facts.vocabulary import Effect
from shared.site.tables.regimes import Period, PeriodUnit, Regime

EFFECTS: Final[Mapping[Effect, str]] = {
    Effect.REJECTION: "rejet",
    Effect.ACCEPTANCE: "acceptation",
}


def regime(of: Regime) -> str:
    """Formats a regime in French: « silence vaut rejet après 4 mois », with its case."""
    case = f"\N{NO-BREAK SPACE}: {of.label}" if of.label else ""
    return f"silence vaut {EFFECTS[of.effect]} après {of.period.words()}{case}"


def period(of: Period, longer: Period | None = None) -> str:
    """Formats a period in French: « 4 mois, comptés de date à date », « 30 jours calendaires »."""
    more = "s" if of.n > 1 else ""
    extended = "" if longer is None else f", prolongé{more} de {period(longer)}"
    match of.unit:
        case PeriodUnit.MONTHS:
            return f"{of.words()}, compté{more} de date à date{extended}"
        case PeriodUnit.DAYS:
            return f"{of.words()} calendaire{more}{extended}"
        case _:
            assert_never(of.unit)
