"""What is said in French of a letter that is read and signed before it leaves: where it is, why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from services.desk.domain.item import Item
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.store import circuit_letters
from services.desk.store.circuit_letters import (
    CircuitAct,
    CircuitLetter,
    CircuitState,
    CircuitStep,
)
from shared.platform.database import Connection

WANTED: Final[Mapping[CircuitState, str]] = {
    CircuitState.READING: "à relire",
    CircuitState.SIGNING: "à signer",
    CircuitState.RETURNED: "renvoyée, à reprendre",
    CircuitState.SIGNED: "son parcours ici est terminé",
    CircuitState.TAKEN_BACK: "reprise",
}
"""What a prepared letter waits for, or what became of it."""

_ACTS: Final[Mapping[CircuitAct, str]] = {
    CircuitAct.TO_READ: "donnée à relire à {whom} par {who}",
    CircuitAct.TO_SIGN: "donnée à signer à {whom} par {who}",
    CircuitAct.RETURNED: "renvoyée à {whom} par {who}",
    CircuitAct.SIGNED: "signée par {who}",
    CircuitAct.TO_PARAPHEUR: "donnée au parapheur par {who}",
    CircuitAct.TAKEN_BACK: "reprise par {who}",
}


@dataclass(frozen=True, slots=True)
class CircuitNotice:
    """Notice on an item's page about its letter that is read or signed: sentence and address."""

    url: str
    sentence: str
    mine: bool
    """It lies with whoever reads the page."""
    button: str
    """What they are asked to do with it."""


def where(letter: CircuitLetter, holder: str, names: Names, today: date) -> str:
    """Says in French what a letter waits for and with whom; `holder`: who has it now."""
    state = letter.state
    if letter.is_open and holder != letter.holder:
        state = CircuitState.RETURNED
    if not letter.is_open:
        return WANTED[state]
    away = ", qui n’est pas là aujourd’hui" if names.directory.is_away(holder, today) else ""
    return f"{WANTED[state]}, chez {names.person(holder)}{away}"


def act(step: CircuitStep, names: Names) -> str:
    """Says in French what somebody did with a prepared letter."""
    who, whom = names.person(step.person), names.person(step.whom)
    return _ACTS[step.act].format(who=who, whom=whom)


async def newest(
    connection: Connection, item: Item, reader: str, names: Names, today: date, zone: ZoneInfo
) -> CircuitNotice | None:
    """Returns what an item's page says of its last prepared letter; `None` without one."""
    letters = await circuit_letters.of_item(connection, item.item_id)
    if not letters:
        return None
    letter, url = letters[0], f"/courrier/{item.chrono}/lettre/{letters[0].letter}"
    holder = letter.lies_with(item)
    since = labels_fr.moment(letter.prepared_at, zone)
    waits = letter.is_open and not item.ended
    said = where(letter, holder, names, today) if waits else WANTED[letter.state]
    if letter.is_open and not waits:
        said = "n’est plus attendue"
    button = {
        CircuitState.READING: "Relire la lettre",
        CircuitState.SIGNING: "Relire et signer la lettre",
    }.get(letter.state, "Reprendre la lettre")
    return CircuitNotice(
        url,
        f"{labels_fr.NOTICES[letter.kind]} préparée le {since}\N{NO-BREAK SPACE}: {said}",
        waits and holder == reader,
        button if holder == letter.holder else "Reprendre la lettre",
    )
