"""The computation sheet as `sla explain` prints it, for the tests that read it."""

from collections.abc import Sequence
from datetime import datetime

from services.sla import sheet_text
from services.sla.domain.explain import explain
from services.sla.domain.rules import Rulebook
from tests.unit.sla.builders import BOOK, Register, Story


def printed(register: Register, now: datetime, book: Rulebook = BOOK) -> list[str]:
    """The sheet after the item was lived through up to now."""
    story = Story(book)
    for fact in register.facts:
        story.lives_until(fact.recorded_at)
        story.hears([fact], fact.recorded_at)
    story.lives_until(now)
    sheet = explain(register.facts, story.item.standing, book, now)
    return list(sheet_text.lines(sheet, book))


def section(lines: Sequence[str], clock: str) -> list[str]:
    start = next(n for n, line in enumerate(lines) if line.startswith(f"{clock}:"))
    found = [lines[start]]
    for line in lines[start + 1 :]:
        if not line:
            break
        found.append(line)
    return found


def said(lines: Sequence[str], word: str) -> list[str]:
    return [line.strip() for line in lines if line.strip().startswith(word)]
