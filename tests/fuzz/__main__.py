"""Mutants of the awkward mails, and hostile mails of up to 25 MB, taken in as the door takes them.

    make fuzz                     20,000 mails, with a line for each thousand
    make fuzz SEED=7 N=500        fewer, of another seed
    make fuzz SEED=7 ONLY=123     the one of this number again, and what came of it

One in a hundred is a hostile shape at its full size, mixed and damaged; it may be a bomb, which
costs its two children at most eight seconds of work. The others are mutants (mutants.py): nothing
may raise or end a child, what is readable is shown, each file is found again in the original, and
what the store gives back is what came. This process may spend two seconds on each. The last line
says how many and the worst; the exit code is 1 when anything was wrong.
"""

import asyncio
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from uuid import uuid4

from services.ingest.domain.judge_mail import MailboxPlace
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.inbox_reader import judge_octets
from services.ingest.mail_parser import ALLOWANCE, PROGRAM, MailParserPool
from shared.content.blobs import Blob, LocalBlobs
from shared.facts.arrivals import Quarantine
from shared.platform.children import ChildDied, ChildFailed, Children
from tests.fuzz.checks import faults
from tests.fuzz.mutants import Mutant, mutant
from tests.hostile_mails import SHAPES, SLOW
from tests.ingest_builders import indre_rules

HOSTILE = 100
"""One mail in so many is a hostile shape."""
BATCH = 100
LARGEST = 25_000_000
OURS = 2.0
ORDINARY = 0.5
"""Seconds of a child's work that a mutant may take, one with another."""
SHOWN = datetime(2026, 5, 12, tzinfo=UTC)


class CountedChildren(Children):
    """Children that count those which a mail ended."""

    ended = 0

    def ask(self, *arguments: object) -> object:  # type: ignore[override]  # takes what it hands on
        """Asks a child as its parent class does."""
        try:
            return super().ask(*arguments)  # type: ignore[arg-type]  # unpacked, each of its own type
        except (ChildDied, ChildFailed):
            self.ended += 1
            raise


class Pool:
    """The parser of emails in children, of which a mail's own is counted when it ends."""

    def __init__(self) -> None:
        self.children = CountedChildren(PROGRAM, ALLOWANCE)
        self.parser = MailParserPool(self.children)


@dataclass(slots=True)
class Tally:
    """What came of the mails so far."""

    mails: int = 0
    hostile: int = 0
    quarantined: int = 0
    bombs: int = 0
    wrong: int = 0
    worst: float = 0.0
    slowest: str = ""

    def say(self, number: int, name: str, fault: str) -> None:
        """Counts a fault and prints it with the number that draws the mail again."""
        self.wrong += 1
        print(f"{number} ({name}): {fault}", flush=True)  # noqa: T201  (it speaks to a terminal)


def hostile_mail(seed: int, number: int) -> Mutant:
    """One shape at a size, or the beginning of one before the rest of another, damaged or not."""
    random = Random(f"{seed}/{number}")  # noqa: S311  (a corpus, no secret)
    shapes = {**SHAPES, **SLOW}
    names = random.sample(sorted(shapes), random.choice((1, 1, 2)))
    size = int(10 ** random.uniform(3, 7.4))
    octets = bytearray()
    for name in names:
        octets += shapes[name](min(size, LARGEST) // len(names))
    for _ in range(random.choice((0, 0, 3, 300))):
        octets[random.randrange(len(octets))] = random.randrange(256)
    return Mutant(" + ".join(names), "pref-bmi", bytes(octets))


def judge_one(number: int, mail: Mutant, *, hostile: bool, mails: Pool, tally: Tally) -> None:
    """Judges one mail and counts what is wrong with it."""
    ended, ours = mails.children.ended, time.process_time()
    try:
        place = MailboxPlace(mail.mailbox, None, bounces=mail.mailbox == "retour")
        _, judgements = judge_octets(
            mail.octets, place, SHOWN, indre_rules(), mails.parser, mail.name
        )
    except Exception as error:  # noqa: BLE001  (that nothing raises is what is looked for)
        tally.say(number, mail.name, f"raises {error!r}"[:300])
        return
    cost = time.process_time() - ours
    if cost > tally.worst:
        tally.worst, tally.slowest = cost, f"{number}, {mail.name}"
    if cost > OURS:
        tally.say(number, mail.name, f"{cost:.1f} s of ours for {len(mail.octets)} octets")
    first = judgements[0]
    aside = isinstance(first, ArrivalJudgement) and isinstance(first.verdict, Quarantine)
    tally.quarantined += aside
    if hostile:
        tally.hostile += 1
        tally.bombs += isinstance(first, ArrivalJudgement) and first.verdict == Quarantine(
            reason="mail-bomb"
        )
        return
    if mails.children.ended != ended:
        tally.say(number, mail.name, "ends its reader")
    for fault in faults(mail.octets, judgements):
        tally.say(number, mail.name, fault)


async def stored(folder: Path, batch: list[tuple[int, Mutant]], tally: Tally) -> None:
    """Stores the originals of a batch, and compares what the store gives back."""
    store = LocalBlobs(folder)
    keys = await store.put_many([Blob(2026, uuid4(), mail.octets) for _, mail in batch])
    for key, (number, mail) in zip(keys, batch, strict=True):
        if await store.get(key) != mail.octets:
            tally.say(number, mail.name, "the stored octets are not those that came")


def run(seed: int, numbers: range, *, hostile_every: int = HOSTILE) -> Tally:
    """Takes in the mails of these numbers; with `hostile_every` of 0 mutants alone."""
    tally, mails, batch = Tally(), Pool(), list[tuple[int, Mutant]]()
    with tempfile.TemporaryDirectory(prefix="vaguemestre-fuzz-") as folder:
        for number in numbers:
            hostile = hostile_every > 0 and number % hostile_every == hostile_every - 1
            mail = hostile_mail(seed, number) if hostile else mutant(seed, number)
            judge_one(number, mail, hostile=hostile, mails=mails, tally=tally)
            tally.mails += 1
            batch.append((number, mail))
            if len(batch) == BATCH or number == numbers[-1]:
                asyncio.run(stored(Path(folder), batch, tally))
                batch.clear()
            if tally.mails % 1_000 == 0:
                print(  # noqa: T201  (it speaks to a terminal)
                    f"{tally.mails} of {len(numbers)}: {tally.quarantined} in quarantine,"
                    f" {tally.wrong} wrong",
                    flush=True,
                )
    mails.parser.close()
    return tally


def main() -> None:
    """Takes in as many mails as the command line says; exit code 1 when anything was wrong."""
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    only = int(sys.argv[3]) if len(sys.argv) > 3 else None
    began = time.monotonic()
    tally = run(seed, range(count) if only is None else range(only, only + 1))
    work = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    allowed = ORDINARY * (tally.mails - tally.hostile) + 2 * ALLOWANCE.seconds * tally.hostile
    slow = work > allowed
    print(  # noqa: T201  (as above)
        f"fuzz: seed {seed}, {tally.mails} mails in {time.monotonic() - began:.0f} s,"
        f" {tally.hostile} of them hostile shapes ({tally.bombs} bombs), {tally.quarantined} in"
        f" quarantine; {tally.wrong} wrong; the worst {tally.worst:.2f} s of our own"
        f" ({tally.slowest}); children {work:.0f} s of {allowed:.0f}:"
        f" {'FAILED' if tally.wrong or slow else 'ok'}"
    )
    sys.exit(bool(tally.wrong or slow))


if __name__ == "__main__":
    main()
