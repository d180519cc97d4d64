"""calendar.yaml: which days are worked here."""

from datetime import date
from enum import StrEnum

from shared.values import Checked, Table


class Territory(StrEnum):
    """The territories with their own legal holidays or time zone.

    The last four have only the eleven common holidays here: their own ones are written as closures
    of the site, with the text that decides them.
    """

    METROPOLE = "metropole"
    ALSACE_MOSELLE = "alsace-moselle"
    GUADELOUPE = "guadeloupe"
    MARTINIQUE = "martinique"
    GUYANE = "guyane"
    LA_REUNION = "la-reunion"
    MAYOTTE = "mayotte"
    SAINT_MARTIN = "saint-martin"
    SAINT_BARTHELEMY = "saint-barthelemy"
    SAINT_PIERRE_ET_MIQUELON = "saint-pierre-et-miquelon"
    NOUVELLE_CALEDONIE = "nouvelle-caledonie"
    POLYNESIE_FRANCAISE = "polynesie-francaise"
    WALLIS_ET_FUTUNA = "wallis-et-futuna"


class Closure(Table):
    """A day on which the préfecture is closed, with who decided it, when and why."""

    day: date
    decided: Checked


class Calendar(Table):
    """The table calendar.yaml: the territory, and the days on which the préfecture is closed."""

    territory: Territory
    closures: tuple[Closure, ...] = ()
