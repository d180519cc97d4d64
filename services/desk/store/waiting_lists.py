"""Arrivals that wait without item: quarantine, set aside, history."""

import re

from services.desk.domain.disposition import Disposition
from shared.errors import Refused
from shared.facts.arrivals import ARRIVALS, Arrivals, JudgedArrival
from shared.facts.envelope import ArrivalId
from shared.platform.database import Connection
from shared.platform.postgres import rows
from shared.platform.postgres.rows import UnreadableRow

_ID_BEGINS = re.compile(r"[0-9a-f][0-9a-f-]{3,35}")


_TOLD = "SELECT told FROM desk.arrivals WHERE arrival_id = $1"
_TOLD_LOCKED = "SELECT told FROM desk.arrivals WHERE arrival_id = $1 FOR UPDATE"


async def read_judged(
    connection: Connection, arrival_id: ArrivalId, *, lock: bool = False
) -> JudgedArrival:
    """Reads an arrival from the last fact about it that ingest published.

    Raises Refused when the register has no such arrival, UnreadableRow when it can't be read.
    """
    told = await connection.fetchval(_TOLD_LOCKED if lock else _TOLD, arrival_id)
    arrival = None if told is None else _read(arrival_id, told)
    if not isinstance(arrival, JudgedArrival):
        raise Refused("The register knows no such message.", "no-such-message")
    return arrival


async def lock(connection: Connection, arrival_id: ArrivalId) -> tuple[Disposition, Arrivals]:
    """Reads and locks an arrival without item (quarantine, set aside, before go-live).

    Raises Refused when it does not wait any more or its content was deleted, UnreadableRow.
    """
    row = await connection.fetchrow(
        """
        SELECT word, told, erased_at FROM desk.arrivals
        WHERE arrival_id = $1 AND word IN ('quarantine', 'set_aside', 'history') FOR UPDATE
        """,
        arrival_id,
    )
    if row is None:
        raise Refused("It waits no more: somebody has dealt with it.", "waits-no-more")
    if row["erased_at"] is not None:
        raise Refused(
            "Its content was deleted six months after it was set aside: nothing is left.",
            "content-deleted",
        )
    return Disposition(row["word"]), _read(arrival_id, row["told"])


def _read(arrival_id: ArrivalId, told: str) -> Arrivals:
    return rows.read("desk.arrivals", arrival_id, lambda: ARRIVALS.validate_json(told))


async def find_arrival(connection: Connection, text: str) -> ArrivalId:
    """Finds the arrival whose id begins with this text. Raises Refused for none or several."""
    if not _ID_BEGINS.fullmatch(text.lower()):
        raise Refused(
            f"{text[:40]!r} is no id: take one from `desk waiting list`.", "no-such-message"
        )
    found = await connection.fetch(
        """
        SELECT arrival_id FROM desk.arrivals
        WHERE arrival_id BETWEEN rpad($1, 32, '0')::uuid AND rpad($1, 32, 'f')::uuid LIMIT 2
        """,
        text.lower().replace("-", ""),
    )
    if len(found) != 1:
        who = "no arrival" if not found else "several arrivals"
        raise Refused(
            f"{who.capitalize()} of the register begin with {text}: give more of it.",
            "no-such-message",
        )
    return ArrivalId(found[0]["arrival_id"])


async def set_word(
    connection: Connection, arrival_id: ArrivalId, word: Disposition, reason: str
) -> None:
    """Changes the disposition of an arrival that waits without an item, and the reason of it."""
    await connection.execute(
        "UPDATE desk.arrivals SET word = $2, reason = $3 WHERE arrival_id = $1",
        arrival_id,
        word.value,
        reason,
    )


def without_content(arrival_id: ArrivalId, told: str) -> str:
    """Returns an arrival's stored JSON without what names a person or leads to its content.

    JSON that can't be read becomes `{}`.
    """
    try:
        arrival = _read(arrival_id, told)
    except UnreadableRow:
        return "{}"
    if not isinstance(arrival, JudgedArrival):
        return told
    bare: dict[str, object] = {"pli": None, "correspondent": None, "subject": None, "threads": ()}
    if arrival.scan is not None:
        names = {"refers_to": None, "refers_by_code": False, "coded_for": ()}
        bare["scan"] = arrival.scan.model_copy(update=names)
    return arrival.model_copy(update=bare).model_dump_json()
