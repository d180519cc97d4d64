"""The readers of a réservé or personal item, who alone read what continues it (ADR 0143).

What comes in its thread once it has ended, or from somebody else, opens an item of its own. The
rules judge that one by its own words, which may name the very agent of whom somebody complains.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.desk.domain.item import Item
from services.desk.domain.registration import Registration
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.vocabulary import Confidentiality


@dataclass(frozen=True, slots=True)
class Readership:
    """The readers of a réservé or personal item: its service's chef, and whoever was informed."""

    confidentiality: Confidentiality
    service: ServiceId
    informed: tuple[PersonId, ...] = ()


def readership_of(item: Item) -> Readership | None:
    """Returns who alone may read an item; `None`: it is normal."""
    confidentiality = item.classification.confidentiality
    if confidentiality is Confidentiality.NORMAL:
        return None
    return Readership(confidentiality, item.service, item.informed)


def strictest(readerships: Iterable[Readership | None]) -> Readership | None:
    """Returns the narrowest of several items' readerships; `None`: all are normal.

    The service is that of the first of the most confidential ones; of those informed, whoever is of
    each item that is not normal.
    """
    narrow = [readership for readership in readerships if readership is not None]
    if not narrow:
        return None
    degrees = list(Confidentiality)
    first = max(narrow, key=lambda readership: degrees.index(readership.confidentiality))
    informed = (
        person for person in first.informed if all(person in each.informed for each in narrow)
    )
    return replace(first, informed=tuple(informed))


def inherit_readers(opening: Registration, readership: Readership | None) -> Registration:
    """Returns a new item's registration with only the readers of the réservé item it continues.

    The rules may name others by its words, even the very agent of whom it complains.
    """
    if readership is None:
        return opening
    confidential = {"confidentiality": readership.confidentiality}
    return replace(
        opening,
        service=readership.service,
        agent=None,
        informed=readership.informed,
        classification=opening.classification.model_copy(update=confidential),
    )
