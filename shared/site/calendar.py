"""calendar.yaml: which days are worked here."""

from datetime import date
from enum import StrEnum

from shared.site.values import Checked, Table


class Territory(StrEnum):
    """Where the legal holidays differ (DOMAIN §4)."""

    METROPOLE = "metropole"
    ALSACE_MOSELLE = "alsace-moselle"
    GUADELOUPE = "guadeloupe"
    MARTINIQUE = "martinique"
    GUYANE = "guyane"
    LA_REUNION = "la-reunion"
    MAYOTTE = "mayotte"
    SAINT_MARTIN = "saint-martin"
    SAINT_BARTHELEMY = "saint-barthelemy"


class Closure(Table):
    """A bridge day that the préfecture closes, with who decided it, when and why."""

    day: date
    decided: Checked


class Calendar(Table):
    """The territory and the local closures."""

    territory: Territory
    closures: tuple[Closure, ...] = ()
