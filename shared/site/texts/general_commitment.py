"""What the préfecture promises in general to whoever writes by one way: in words, without a date.

A date is told of one letter once a person or a certain rule decided its service and category; what
is promised to everybody holds before.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from shared.facts.envelope import ServiceId
from shared.facts.vocabulary import Channel, ClockName
from shared.site.item_commitments import commitment_of
from shared.site.tables.bundle import Site
from shared.site.tables.commitments import Commitment, Unit

if TYPE_CHECKING:
    from shared.facts.items.base import Classification

NAMED: Final[Mapping[Channel, str]] = {
    Channel.EMAIL: "aux courriels",
    Channel.FORM: "aux messages du formulaire",
    Channel.LETTER: "aux courriers",
    Channel.REGISTERED_LETTER: "aux courriers",
    Channel.HAND_DELIVERED: "aux courriers",
}
"""How what came by a channel is called in « nous répondons aux courriels »."""


def general_commitment(site: Site, channel: Channel) -> str:
    """Returns the sentence of the reply promised to all that comes by a channel; "" without one.

    « En général, nous répondons aux courriels en 5 jours ouvrés. » Commitments for some services,
    categories, natures or priorities alone are not everybody's, and are left out.
    """
    row = everybodys(site, channel)
    if row is None or row.days is None:
        return ""
    days = "jour" if row.days == 1 else "jours"
    if row.unit is Unit.JOURS_OUVRES:
        days += " ouvré" if row.days == 1 else " ouvrés"
    note = " (du lundi au vendredi, sauf jours fériés)" if row.unit is Unit.JOURS_OUVRES else ""
    return f"En général, nous répondons {NAMED[channel]} en {row.days} {days}{note}."


def everybodys(site: Site, channel: Channel) -> Commitment | None:
    """Returns the reply commitment that holds for all that comes by a channel, or `None`."""
    found = [row for row in site.commitments.commitments if _is_everybodys(row, channel)]
    return max(found, key=lambda row: row.named) if channel in NAMED and found else None


def general_reply(
    site: Site, channel: Channel, classification: "Classification", service: ServiceId
) -> Commitment | None:
    """Returns the reply commitment made to everybody; `None` if a narrower one is the item's.

    A réclamation that is answered in fifteen days is promised no five.
    """
    lines = [row for row in site.commitments.commitments if row.clock is ClockName.REPLY]
    own = commitment_of(lines, site, channel, classification, service)
    return own if own is not None and own == everybodys(site, channel) else None


def _is_everybodys(row: Commitment, channel: Channel) -> bool:
    narrowed = row.services or row.categories or row.natures or row.priorities
    by_this_way = not row.channels or channel in row.channels
    return row.clock is ClockName.REPLY and row.days is not None and by_this_way and not narrowed
