"""regimes.yaml: what silence means, for how long, and by which text. Refused without a source."""

from enum import StrEnum
from typing import Any, Self

from pydantic import Field, model_validator

from shared.facts.vocabulary import Effect, RegimeStart
from shared.values import NOBODY, Checked, Code, Table


class PeriodUnit(StrEnum):
    """The unit of a period of implied decision: calendar days or months."""

    DAYS = "days"
    """Calendar days."""
    MONTHS = "months"
    """Calendar months, quantième kept (31 January + 1 month = end of February)."""


_LONGEST = {PeriodUnit.DAYS: 730, PeriodUnit.MONTHS: 24}
"""An applied calendar knows no more years ahead."""


class Period(Table):
    """The length of the period after which silence becomes a decision."""

    n: int = Field(ge=1)
    unit: PeriodUnit

    @model_validator(mode="after")
    def _is_short(self) -> Self:
        if self.n > _LONGEST[self.unit]:
            raise ValueError(f"a period lasts at most {_LONGEST[self.unit]} {self.unit}")
        return self

    def words(self) -> str:
        """Returns an implied decision's period in French words: « 4 mois », « 90 jours »."""
        match self.unit:
            case PeriodUnit.DAYS:
                return f"{self.n} jour{'s' if self.n > 1 else ''}"
            case PeriodUnit.MONTHS:
                return f"{self.n} mois"


class Extension(Table):
    """The lengthening of a period of implied decision that a reasoned decision allows, once."""

    period: Period
    text: str
    """The article that allows it."""


class Regime(Table):
    """A regime: what silence on a request means, after how long, by which text (CRPA L231-1)."""

    id: Code
    label: str = ""
    """In which case it is chosen, where a category has several: « détenteur d'une carte… »."""
    effect: Effect
    period: Period
    start: RegimeStart
    """From when the period runs unless the confirmation says otherwise."""
    extension: Extension | None = None
    text: str
    """The article: « CESEDA, art. R. 432-1 et R. 432-2 »."""
    appeals: str
    """Appeal routes and times, as the acknowledgement prints them; empty for an acceptance."""
    tribunal: str
    tribunal_checked_by: str = NOBODY
    """Who has read the tribunal's address where it stands."""
    source: str = ""
    """Where the text was read: an address, or the name of the collection."""
    checked: Checked

    @model_validator(mode="before")
    @classmethod
    def _of_months(cls, given: Any) -> Any:
        """Bundles applied before periods had a unit say `months`."""
        if isinstance(given, dict) and "months" in given and "period" not in given:
            rest = {key: value for key, value in given.items() if key != "months"}
            return {**rest, "period": {"n": given["months"], "unit": PeriodUnit.MONTHS}}
        return given

    @property
    def named(self) -> str:
        """The regime's name in a list of choices: its label, or else its legal text."""
        return self.label or self.text


class Regimes(Table):
    """The table regimes.yaml: all regimes of implied decision."""

    regimes: tuple[Regime, ...]
