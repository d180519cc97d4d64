"""The register takes its locks in one order everywhere (tests/lock_order.py)."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path as FolderPath
from typing import Any
from uuid import uuid4, uuid5

import pytest

from services.desk.decider import Decider
from services.desk.domain.decisions import counter
from services.desk.domain.decisions.classification import Qualify, Reclassify
from services.desk.domain.decisions.closure import Undo
from services.desk.handlers.arrivals import hears_arrivals
from services.desk.handlers.clocks import hear_clocks
from services.desk.handlers.notices import hears_notices
from services.desk.service import Qualification, RegisterService
from services.desk.store import items, queue, queue_claims
from shared.content.blobs import LocalBlobs
from shared.facts import ids
from shared.facts.arrival_base import TokenThread
from shared.facts.arrivals import ArrivalReread, Arrivals, Enter, Quarantine
from shared.facts.envelope import Chrono, ItemId, PersonId
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from tests.desk_builders import (
    SPACE,
    a_reply_seen,
    a_scanned_departure,
    an_arrival,
    certain,
    digest,
    proposed,
    rules,
)
from tests.integration.desk.test_hearing_notices_and_clocks import RUNG, STARTED, sent
from tests.lock_order import Path, no_path_waits_for_one_that_waits_for_it

pytestmark = pytest.mark.usefixtures("live_site")

NOW = datetime(2026, 5, 15, 8, 0, tzinfo=UTC)
NOWHERE = LocalBlobs(FolderPath("nowhere"))
"""Nothing is read or written of a letter's content."""
CHRONO = "SELECT chrono FROM desk.items WHERE item_id = $1"
LOCKS = re.compile(
    r"FOR UPDATE|desk\.counters"
    r"|(INTO|UPDATE) desk\.(items|arrivals|replies|clocks|inbox|queue_claims)\b"
)
"""What others may wait for."""
HEAR = hears_arrivals(rules)


def item(name: str) -> ItemId:
    return ids.item_id("indre", an_arrival(name).arrival_id)


def letter(name: str, of: str, **kw: Any) -> Any:
    """A mail of a correspondent of their own."""
    return an_arrival(name, routing=certain(), correspondent=digest(of), **kw)


# In the order of their ids, so that the paths below can name them against it.
X, Y = sorted(("x", "y"), key=lambda name: str(item(name)))
Z = "z"
P, Q = sorted(("p", "q 2"), key=lambda name: str(item(name)))
"""Two that wait in the queue, the last ones: each clerk's next is the other's."""
QUARANTINED = letter("q", "q", verdict=Quarantine(reason="unreadable"))


async def decider(connection: Any) -> Decider:
    people = await people_store.people_at(connection, NOW)
    person = people.person("c.lerk")
    assert person is not None
    return Decider(
        connection,
        person,
        uuid4(),
        NOW,
        await rules.in_transaction(connection),
        people,
        sees=lambda *_: True,
    )


def hears(*batch: Arrivals) -> Path:
    return lambda connection: HEAR(connection, batch, NOW)


async def departs(connection: Any) -> None:
    await (await decider(connection)).depart(item(X), NoticeKind.REPLY, None, None)


async def departs_too(connection: Any) -> None:
    await (await decider(connection)).depart(item(Y), NoticeKind.REPLY, None, None)


async def splits(connection: Any) -> None:
    seq = await connection.fetchval(
        "SELECT seq FROM desk.facts WHERE item_id = $1 AND type = 'SenderWroteAgain'", item(X)
    )
    await (await decider(connection)).split(item(X), seq)


async def merges(connection: Any) -> None:
    await (await decider(connection)).merge(item(X), item(Y))


async def merges_the_other_way(connection: Any) -> None:
    await (await decider(connection)).merge(item(Y), item(X))


async def parts(connection: Any) -> None:
    """Z was merged into X: the statement is taken back."""
    seq = await connection.fetchval(
        "SELECT seq FROM desk.facts WHERE item_id = $1 AND type = 'ItemMergedInto'", item(Z)
    )
    await (await decider(connection)).undo(item(Z), Undo("erreur", seq))


async def takes(connection: Any) -> None:
    """What waited in quarantine becomes an item."""
    await (await decider(connection)).take(QUARANTINED.arrival_id)


async def keys(connection: Any) -> None:
    """An item at the counter."""

    def command(chrono: Chrono) -> counter.RegisterAtCounter:
        return counter.RegisterAtCounter(chrono, "titre-de-sejour", date(2026, 5, 15))

    await (await decider(connection)).register(command, None)


def waiting(name: str) -> Any:
    """A mail of a correspondent of their own, which waits in the queue."""
    return an_arrival(name, routing=proposed(), correspondent=digest(f"of {name}"))


async def by(connection: Any, person: str) -> RegisterService:
    people = await people_store.people_at(connection, NOW)
    applied = await rules.in_transaction(connection)
    return RegisterService(
        connection, people.people[PersonId(person)], uuid4(), NOW, applied, people
    )


def opens(name: str, person: str, *, over: bool = False) -> Path:
    """As a page of the queue does when it is opened, or by « Je m'en occupe » (`over`)."""

    async def path(connection: Any) -> None:
        me = PersonId(person)
        await queue_claims.take(connection, item(name), me, over=over)
        await queue_claims.end_left(connection, me, item(name))

    return path


def sorts(name: str, person: str) -> Path:
    """As a page of the queue does: decides, claims the next letter, gives this one back."""

    async def path(connection: Any) -> None:
        me, number = PersonId(person), await connection.fetchval(CHRONO, item(name))
        await queue_claims.holder(connection, item(name))
        said = Qualification(Qualify(Reclassify()))
        await (await by(connection, person)).qualify(item(name), said, NOWHERE)
        place = await queue.place_of(connection, number)
        await queue.claim_next(connection, me, after=place)
        await queue_claims.end(connection, item(name), me)

    return path


def sorts_together(person: str, *names: str) -> Path:
    """As the page of a batch does: locks all of them first, then decides each by itself."""

    async def path(connection: Any) -> None:
        ids = [item(name) for name in names]
        await items.lock_rows(connection, sorted(ids))
        await queue_claims.held_by_others(connection, ids, PersonId(person))
        said = Qualification(Qualify(Reclassify()))
        for item_id in ids:
            async with connection.transaction():
                await (await by(connection, person)).qualify(item_id, said, NOWHERE)

    return path


def reread() -> ArrivalReread:
    """What waited in quarantine could be read at last."""
    said = dict(QUARANTINED) | {"verdict": Enter(), "event_id": uuid5(SPACE, "reread")}
    return ArrivalReread(**(said | {"type": "ArrivalReread", "revision": 2}))


def reply_of(name: str) -> Any:
    return a_reply_seen(f"reply {name}", to=(digest(f"of {name}"),))


def chrono_of(name: str) -> str:
    return f"36-2026-A-{ {X: 1, Y: 2}[name]:06}"


def left(name: str) -> Any:
    return a_scanned_departure(chrono_of(name), NoticeKind.REPLY, f"left {name}")


PATHS: Mapping[str, Path] = {
    "keeps an arrival and a reply to X": hears(letter("new 1", "n1"), reply_of(X)),
    "keeps an arrival and a departure of X": hears(letter("new 2", "n2"), left(X)),
    "keeps an arrival and an answer to both": hears(letter("new 3", "n3"), reply_of(Y), left(X)),
    "keeps a message of Y, a reply to X": hears(
        letter("again", f"of {Y}", threads=(TokenThread(chrono=Chrono(chrono_of(Y))),)), reply_of(X)
    ),
    "keeps an arrival and reads another again": hears(letter("new 4", "n4"), reread()),
    "hears that replies to both left": lambda connection: hears_notices(rules)(
        connection,
        [
            sent(8, kind=NoticeKind.REPLY, item_ids=(item(Y),), notice_id=uuid5(SPACE, "n8")),
            sent(9, kind=NoticeKind.REPLY, item_ids=(item(X),), notice_id=uuid5(SPACE, "n9")),
        ],
        NOW,
    ),
    "hears of the clocks of both": lambda connection: hear_clocks(
        connection,
        [
            one.model_copy(update={"item_id": item(name), "event_id": uuid5(SPACE, f"{name} {n}")})
            for name in (Y, X)
            for n, one in enumerate((STARTED, RUNG))
        ],
        NOW,
    ),
    "sends X's reply by post": departs,
    "sends Y's reply by post": departs_too,
    "splits X": splits,
    "merges X into Y": merges,
    "merges Y into X": merges_the_other_way,
    "parts Z from X": parts,
    "takes what waited": takes,
    "keys one at the counter": keys,
    "opens P": opens(P, "c.head"),
    "takes P over": opens(P, "c.head", over=True),
    "sorts P": sorts(P, "c.lerk"),
    "sorts Q": sorts(Q, "c.head"),
    "sorts P and Q together": sorts_together("c.lerk", P, Q),
    "sorts Q and P together": sorts_together("c.head", Q, P),
}
MEET = {
    "sends X's reply by post": (
        "keeps an arrival and a reply to X", "keeps an arrival and a departure of X",
        "keeps an arrival and an answer to both", "keeps a message of Y, a reply to X",
        "parts Z from X",
    ),
    "sends Y's reply by post": ("keeps a message of Y, a reply to X",),
    "splits X": ("keeps an arrival and a reply to X", "merges X into Y", "parts Z from X"),
    "merges X into Y": (
        "merges Y into X", "parts Z from X", "keeps an arrival and an answer to both",
        "keeps a message of Y, a reply to X", "hears that replies to both left",
        "hears of the clocks of both",
    ),
    "takes what waited": ("keeps an arrival and reads another again", "keys one at the counter"),
    "hears that replies to both left": (
        "keeps an arrival and an answer to both", "hears of the clocks of both",
    ),
    "keeps a message of Y, a reply to X": ("keeps an arrival and an answer to both",),
    "sorts P": ("opens P", "takes P over", "sorts Q", "sorts Q and P together"),
    "opens P": ("takes P over", "sorts P and Q together"),
    "sorts P and Q together": ("sorts Q and P together", "sorts Q", "takes P over"),
}  # fmt: skip
"""Those that lock something in common; each pair is tried both ways."""


@pytest.fixture
async def register(pool: Pool) -> Pool:
    """X with a message, Y, Z merged into X, one in quarantine, and two that wait in the queue."""
    async with transaction(pool) as connection:
        await HEAR(connection, [letter(X, f"of {X}")], NOW)
        await HEAR(connection, [letter(Y, f"of {Y}")], NOW)
        await HEAR(connection, [letter(Z, "of z"), QUARANTINED], NOW)
        token = TokenThread(chrono=Chrono(chrono_of(X)))
        await HEAR(connection, [letter("second", f"of {X}", threads=(token,))], NOW)
        await (await decider(connection)).merge(item(Z), item(X))
        await HEAR(connection, [waiting(P), waiting(Q)], NOW)
        # Both have theirs open, and their leases are over.
        await queue_claims.take(connection, item(P), PersonId("c.lerk"))
        await queue_claims.take(connection, item(Q), PersonId("c.head"))
        await connection.execute("UPDATE desk.queue_claims SET ends_at = now() - interval '1 min'")
    return pool


PAIRS = [
    pair
    for one, others in MEET.items()
    for other in others
    for pair in ((one, other), (other, one))
]


async def test_no_path_waits_for_one_that_waits_for_it(register: Pool, postgres_url: str) -> None:
    await no_path_waits_for_one_that_waits_for_it(
        register, postgres_url, "desk", PATHS, PAIRS, LOCKS
    )
