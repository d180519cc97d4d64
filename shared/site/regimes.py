"""regimes.yaml: what silence means, for how long, and by which text. Refused without a source."""

from pydantic import Field

from shared.facts.words import Effect, RegimeStart
from shared.site.values import Checked, Code, Table


class Regime(Table):
    """The rule of implied decision of some categories (CRPA L231-1 and following)."""

    id: Code
    effect: Effect
    months: int = Field(ge=1, le=24)
    """Calendar months, quantième kept (31 January + 1 month = end of February)."""
    start: RegimeStart
    """From when the period runs unless the confirmation says otherwise."""
    text: str
    """The article: « CESEDA, art. R. 432-1 et R. 432-2 »."""
    appeals: str
    """Appeal routes and times, as the acknowledgement prints them; empty for an acceptance."""
    tribunal: str
    checked: Checked


class Regimes(Table):
    """All regimes."""

    regimes: tuple[Regime, ...]
