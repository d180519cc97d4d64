"""The program that a release runs for the one before it: facts on a pipe, outcomes back.

    python -I -m services.ops.rehearsal.child

It opens no database, no mailbox and no file, is given no setting, and sends nothing: each line that
comes in is a page of items' facts, each line that goes out what people would see of them.
"""

import gc
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import IO, Final

import orjson
from pydantic import TypeAdapter, ValidationError

from services.desk.domain.label_perimeter import fold_perimeter
from services.ops.rehearsal.outcome import OUTCOMES
from services.ops.rehearsal.replay import ReplayRules, replay_item
from services.sla.domain.rules import ClockRules, Rulebook
from shared.errors import PermanentFailure
from shared.facts.items import ITEMS
from shared.facts.quality.perimeter import PerimeterChanged
from shared.site.tables.bundle import AppliedSite

PROTOCOL = 1
_VERSIONS = TypeAdapter(tuple[AppliedSite, ...])
_CHANGES = TypeAdapter(tuple[PerimeterChanged, ...])


@dataclass(frozen=True, slots=True)
class DeclaredMove:
    """A kind of change in items' outcomes that a release of the program makes on purpose."""

    release: str
    """The release that first counts so, such as `1.4.0`."""
    thing: str
    """limit, result, rung, notice or sorting; `*`: any."""
    subject: str
    """The clock, the kind of notice or the field; `*`: any."""
    why: str

    def covers(self, thing: str, subject: str) -> bool:
        """Whether a change of an item's outcome is of this declared kind."""
        return self.thing in {"*", thing} and self.subject in {"*", subject}


DECLARED: Final[Sequence[DeclaredMove]] = ()
"""What this release counts otherwise on purpose: a line is written with the change, and the same
sentence stands in the CHANGELOG. A date that moves without one is one that nobody meant to move."""


def release() -> str:
    """Returns the release (version) of the program that runs."""
    try:
        return version("vaguemestre")
    except PackageNotFoundError:
        return "unknown"


def answers(lines: Iterator[str]) -> Iterator[str]:
    """Yields the answer to each request line of a rehearsal: this release, then items' outcomes."""
    asked = json.loads(next(lines))
    if asked.get("protocol") != PROTOCOL:
        yield json.dumps({"protocol": PROTOCOL, "release": release()})
        return
    versions = _VERSIONS.validate_python(asked["versions"])
    rules = ReplayRules(
        Rulebook(tuple(ClockRules(applied) for applied in versions)),
        fold_perimeter(_CHANGES.validate_python(asked["perimeter"])),
    )
    now = datetime.fromisoformat(asked["now"])
    moved = [asdict(move) for move in DECLARED]
    yield json.dumps({"protocol": PROTOCOL, "release": release(), "moved": moved})
    for line in lines:
        outcomes = (_outcome(payloads, rules, now) for payloads in orjson.loads(line))
        yield f"[{','.join(outcomes)}]"


def _outcome(payloads: list[str], rules: ReplayRules, now: datetime) -> str:
    """What people would see of an item, as JSON; `null`: its facts make none."""
    try:
        facts = [ITEMS.validate_json(payload) for payload in payloads]
        found = replay_item(facts, rules, now)
    except (PermanentFailure, ValidationError) as error:
        return json.dumps({"failed": type(error).__name__})
    return "null" if found is None else OUTCOMES.dump_json(found).decode()


def main(given: IO[str] = sys.stdin, told: IO[str] = sys.stdout) -> None:
    """Runs the child process of a rehearsal: answers request lines from a pipe until it closes."""
    gc.freeze()  # what was imported stays: nothing looks through it again
    for line in answers(iter(given)):
        told.write(line + "\n")
        told.flush()


if __name__ == "__main__":
    main()
