"""Hostile mails of up to 25 MB, mixed and damaged, judged as the door judges them.

    make fuzz SEED=7     two minutes; the last line says how many, the worst, and the exit code

Each must be judged: as a mail, as unreadable or as a bomb. A bomb costs its two children at most
eight seconds of work; this process may spend two on what was read.
"""

import resource
import sys
import time
from datetime import UTC, datetime
from random import Random

from services.ingest.domain.judge_mail import MailboxPlace
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.inbox_reader import judged
from services.ingest.mail_parser import ALLOWANCE, MailParserPool
from shared.facts.arrivals import Quarantine
from tests.hostile_mails import SHAPES, SLOW
from tests.ingest_builders import indre_rules

SECONDS = 120.0
LARGEST = 25_000_000
OURS = 2.0
SHOWN = datetime(2026, 5, 12, tzinfo=UTC)


def a_mail(random: Random) -> tuple[str, bytes]:
    """One shape at a size, or the beginning of one before the rest of another, damaged or not."""
    shapes = {**SHAPES, **SLOW}
    names = random.sample(sorted(shapes), random.choice((1, 1, 2)))
    size = int(10 ** random.uniform(3, 7.4))
    octets = bytearray()
    for name in names:
        octets += shapes[name](min(size, LARGEST) // len(names))
    for _ in range(random.choice((0, 0, 3, 300))):
        octets[random.randrange(len(octets))] = random.randrange(256)
    return " + ".join(names), bytes(octets)


def main() -> None:
    """Until the seconds are over; exit code 1 when one mail cost too much."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    random, mails = Random(seed), MailParserPool()  # noqa: S311  (a corpus, no secret)
    place, rules = MailboxPlace("pref-bmi", None), indre_rules()
    ends, read, bombs, worst, failed = time.monotonic() + SECONDS, 0, 0, (0.0, ""), False
    while time.monotonic() < ends:
        name, octets = a_mail(random)
        ours = time.process_time()
        _, (first, *_) = judged(octets, place, SHOWN, rules, mails, name)
        cost = time.process_time() - ours
        read += 1
        worst = max(worst, (cost, name))
        bombs += isinstance(first, ArrivalJudgement) and first.verdict == Quarantine(
            reason="mail-bomb"
        )
        if cost > OURS:
            failed = True
            print(f"{cost:.1f} s of ours for {name}, {len(octets)} octets")  # noqa: T201  (it speaks to a terminal)
    mails.close()
    work = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    failed |= work > 2 * ALLOWANCE.seconds * read
    print(  # noqa: T201  (as above)
        f"fuzz: seed {seed}, {read} mails, {bombs} of them bombs; the worst {worst[0]:.2f} s of our"
        f" own ({worst[1]}); children {work / read:.2f} s a mail"
    )
    sys.exit(failed)


if __name__ == "__main__":
    main()
