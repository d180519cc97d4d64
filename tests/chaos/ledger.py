"""The last page: what came in, what became of it, who was told; and whether all healed."""

import asyncio
import imaplib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes

import asyncpg

from deploy.demo.deliver import fetch_all, mailbox
from tests.chaos.letters import Sent
from tests.chaos.stack import Stack

_STEP = 1.0
_AT_ONCE = 8
"""Mailboxes that are read side by side."""

_SCHEMAS = ("ingest", "desk", "sla", "notify")

WORDS = "SELECT word, count(*) AS n FROM desk.arrivals GROUP BY word ORDER BY word"
CHRONOS = "SELECT chrono FROM desk.items ORDER BY chrono"
UNOPENED = "SELECT count(*) AS n FROM ingest.arrivals WHERE reason = 'mail-bomb'"
"""In hand at two deaths of the door, which may have been our two kills."""
NONE: Mapping[str, str] = {
    "arrivals kept and not registered": """
        FROM ingest.arrivals a LEFT JOIN desk.arrivals d USING (arrival_id)
        WHERE d.arrival_id IS NULL
    """,
    "items without a reply clock": """
        FROM desk.items i LEFT JOIN desk.clocks c ON c.item_id = i.item_id AND c.clock = 'reply'
        WHERE i.perimeter AND i.merged_into IS NULL AND c.item_id IS NULL
    """,
    # Nothing is due on the first day: what stands was told by a wrong clock.
    "clocks with rungs that are not due": "FROM desk.clocks WHERE rungs <> '{}'",
    "items whose facts have a gap": """
        FROM (SELECT FROM desk.facts GROUP BY item_id HAVING max(seq) <> count(*)) AS gaps
    """,
    "receipts left that the register does not know": """
        FROM notify.ledger l
        LEFT JOIN desk.notices n ON n.notice_id = l.notice_id AND n.state = 'sent'
        WHERE l.state = 'sent' AND l.item_id IS NOT NULL AND l.way = 'mail'
          AND n.notice_id IS NULL
          AND EXISTS (SELECT FROM desk.items i WHERE i.item_id = l.item_id)
    """,
    "notices due": """
        FROM notify.ledger WHERE way = 'mail'
          AND state IN ('planned', 'attempting', 'unknown') AND due_at <= now()
    """,
    **{f"facts of {schema} to tell": f"FROM {schema}.outbox_waiting" for schema in _SCHEMAS},
    **{f"dead letters of {schema}": f"FROM {schema}.dead_letters" for schema in _SCHEMAS},
}
"""What there must be none of, and where it is counted."""
_COUNTS = "SELECT " + ", ".join(f'(SELECT count(*) {of}) AS "{what}"' for what, of in NONE.items())
PROOFS = (("crosscheck",), ("desk", "verify"))
"""Commands that say no when something is missing at a reader, or was changed."""


@dataclass(frozen=True)
class Ledger:
    """What was found at the end. `wrong` is empty when all is as it must be."""

    inputs: int
    ends: Mapping[str, int]
    items: int
    receipts: int
    repeated: int
    """Receipts that came twice with one Message-ID: the one window of SMTP (law 5)."""
    healed_seconds: float
    wrong: Sequence[str]


async def balance(
    stack: Stack, sent: Sent, windows: int, within: float, say: Callable[[str], None]
) -> Ledger:
    """The ledger once it balances, or as it stands when `within` seconds are over.

    `windows` is how often an answer of the relay may have been lost: so many receipts may have
    come twice, with one Message-ID, and no more. `say` hears what heals, and what still does not.
    """
    began = time.monotonic()
    before: Sequence[str] = []
    while True:
        try:
            ledger = await _look(stack, sent, windows, began)
        except (OSError, asyncpg.PostgresError, TimeoutError) as error:
            ledger = Ledger(sent.count, {}, 0, 0, 0, 0, [f"no look: {error!r}"])
        if ledger.wrong != before:
            say(f"not yet: {'; '.join(ledger.wrong)}" if ledger.wrong else "healed")
            before = ledger.wrong
        if not ledger.wrong or time.monotonic() - began > within:
            return ledger
        await asyncio.sleep(_STEP)


async def _look(stack: Stack, sent: Sent, windows: int, began: float) -> Ledger:
    ends = {row["word"]: row["n"] for row in await stack.ask(WORDS)}
    chronos = [row["chrono"] for row in await stack.ask(CHRONOS)]
    wrong = []
    if (taken := sum(ends.values())) != sent.count:
        wrong.append(f"{sent.count} inputs, {taken} ends")
    numbers = [int(chrono.rpartition("-")[2]) for chrono in chronos]
    if numbers != list(range(1, len(numbers) + 1)):
        wrong.append("the chronos have a gap")
    (counts,) = await stack.ask(_COUNTS)
    wrong += [f"{n} {what}" for what, n in counts.items() if n]
    wrong += await asyncio.to_thread(_unwell, stack)
    receipts = repeated = 0
    if not wrong:  # these take seconds: once the tables balance
        wrong += [said for words in PROOFS if (said := await stack.denies(*words))]
        received = await _received(stack, sent.people)
        (unopened,) = await stack.ask(UNOPENED)
        wrong += _not_once(received, windows, unopened["n"])
        receipts = sum(len(set(ids)) for ids in received.values())
        repeated = sum(len(ids) - len(set(ids)) for ids in received.values())
    healed = time.monotonic() - began
    return Ledger(sent.count, ends, len(chronos), receipts, repeated, healed, wrong)


def _not_once(received: Mapping[str, Sequence[str]], windows: int, unopened: int) -> list[str]:
    """Whom no receipt reached, or two; and repetitions that no lost answer explains.

    Who wrote one of the `unopened` mails hears of it from a person.
    """
    without = [address for address, ids in received.items() if not ids]
    wrong = [f"{address} has no receipt" for address in without[unopened:]]
    wrong += [
        f"{address} has {len(set(ids))} receipts"
        for address, ids in received.items()
        if len(set(ids)) > 1
    ]
    repeated = sum(len(ids) - len(set(ids)) for ids in received.values())
    if repeated > windows:
        wrong.append(f"{repeated} receipts came twice, {windows} answers may have been lost")
    return wrong


def _unwell(stack: Stack) -> list[str]:
    """Processes that do not say that they are well."""
    found = []
    for name, port in stack.health_ports.items():
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                checks = json.load(refused).get("checks", {})
            why = [check["why"] for check in checks.values() if not check["ok"]]
            found.append(f"{name} is not well: {'; '.join(why)}")
        except OSError as error:
            found.append(f"{name} does not answer: {error}")
    return found


async def _received(stack: Stack, people: Sequence[str]) -> Mapping[str, list[str]]:
    """The Message-IDs that each person has in their mailbox."""
    turn = asyncio.Semaphore(_AT_ONCE)

    async def of(address: str) -> tuple[str, list[str]]:
        async with turn:
            return address, await asyncio.to_thread(_ids, stack, address)

    return dict(await asyncio.gather(*map(of, people)))


def _ids(stack: Stack, address: str) -> list[str]:
    try:
        with mailbox(stack.running.run, address, address) as session:
            return [str(message_from_bytes(octets)["Message-ID"]) for octets in fetch_all(session)]
    except imaplib.IMAP4.error:  # nobody ever wrote to it
        return []
