"""Letters in attached files, judged as if they were written: `make bench WHAT=attachments`.

Each letter is judged once as the text of a mail, once as a file of it that the real children and
the real OCR read. What is compared is all that the rules say: category, service, nature, sender,
priority, hold, danger.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from services.ingest import attachment_reader
from shared.facts.arrivals import Routing
from shared.facts.vocabulary import Nature
from tests.bench.said import Said
from tests.moved_letters import (
    AS_PICTURES,
    BUSY,
    FORMS,
    MovedLetter,
    moved_letters,
    patient_reader,
    read_of,
    routing,
)

MADE, PAGE_SECONDS = 300, 5.0


async def bench(folder: Path) -> Said:
    said = Said()
    attachment_reader.PATIENCE = BUSY
    reader, ocr = patient_reader(folder)
    cases = list(moved_letters())
    compared = list[tuple[MovedLetter, Routing, Routing]]()
    took = list[float]()
    try:
        for case in cases:
            octets = case.enclosed
            begun = time.perf_counter()
            texts = await read_of(reader, octets)
            if case.file in AS_PICTURES:
                took.append(time.perf_counter() - begun)
            compared.append((case, routing(case.written), routing(octets, texts)))
    finally:
        reader.close()
        await ocr.close()
    said.goal("letters moved into a file", len(cases), MADE, "letters", least=True)
    for form in FORMS:
        mine = [(case, there, here) for case, there, here in compared if case.file == form]
        same = sum(there == here for _, there, here in mine)
        said.goal(f"{form}: judged as written, of {len(mine)}", same, len(mine), "", least=True)
        for case, there, here in mine:
            if there != here:
                said.fact(f"  {case.text[:56]!r}", len(_differing(there, here)), "fields differ")
    danger = [(there.danger, here.danger) for _, there, here in compared]
    _recall(said, "danger", danger)
    appeals = [
        (there.nature is Nature.APPEAL, here.nature is Nature.APPEAL) for _, there, here in compared
    ]
    _recall(said, "recours", appeals)
    holds = [(there.hold is not None, here.hold is not None) for _, there, here in compared]
    _recall(said, "hold", holds)
    said.goal("a page read by OCR, median", statistics.median(took), PAGE_SECONDS, "s")
    said.fact("a page read by OCR, slowest", max(took), "s")
    return said


def _recall(said: Said, what: str, pairs: list[tuple[bool, bool]]) -> None:
    """How many of those seen in the text are seen in the file; those seen there alone are said."""
    there = sum(written for written, _ in pairs)
    both = sum(written and enclosed for written, enclosed in pairs)
    said.goal(f"{what}: seen in files, of {there} seen in texts", both, there, "", least=True)
    said.fact(f"{what}: seen in files alone", sum(here > text for text, here in pairs), "")


def _differing(there: Routing, here: Routing) -> set[str]:
    other = here.model_dump()
    return {name for name, value in there.model_dump().items() if other[name] != value}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        result = asyncio.run(bench(Path(name)))
    print(f"bench: {result.met} of {result.goals} goals met")  # noqa: T201  (a bench speaks to a terminal)
    raise SystemExit(result.met < result.goals)
