"""What is proposed of a letter's first page, right, wrong and silent: `make bench WHAT=papers`.

Made letters (tests/stamped_letters.py) are read by the OCR of the product; their stamp's day and
their sender's block are compared with what is true. `COUNT` letters (120), from number `FROM` (0).
"""

import os
import statistics
from collections import Counter
from pathlib import Path

from PIL import Image

from deploy.embedded.downloads import tessdata
from services.desk.domain.senders import letterhead
from services.ingest.domain.stamps import believable
from services.ingest.ocr import PageText
from services.ingest.scan_process.tesseract import Tesseract
from tests.bench.said import Said
from tests.papers import PREFECTURE
from tests.stamped_letters import DPI, SEEN, StampedLetter, a_stamped_letter

COUNT, FIRST = int(os.environ.get("COUNT", "120")), int(os.environ.get("FROM", "0"))
_READ_AT = 300
RIGHT, WRONG, SILENT = "right", "wrong", "silent"


def bench() -> Said:
    said, found = Said(), {"stamp": Counter[str](), "sender": Counter[str]()}
    tesseract, took = Tesseract(Path(tessdata())), list[float]()
    for number in range(FIRST, FIRST + COUNT):
        letter = a_stamped_letter(number)
        size = letter.picture.width * _READ_AT // DPI, letter.picture.height * _READ_AT // DPI
        read = tesseract.read(letter.picture.resize(size, Image.Resampling.BICUBIC), _READ_AT)
        took.append(read.seconds)
        for what, outcome in (("stamp", _stamp(letter, read)), ("sender", _sender(letter, read))):
            found[what][outcome] += 1
            if outcome != RIGHT:
                said.note(f"  {number} {what}: {outcome}")
    for what, counted in found.items():
        for outcome in (RIGHT, WRONG, SILENT):
            said.fact(f"{what}: {outcome}, in 100", 100 * counted[outcome] / COUNT, "letters")
    said.fact("OCR of a page, median", 1000 * statistics.median(took), "ms")
    said.goal("stamps: wrong days", 100 * found["stamp"][WRONG] / COUNT, 1.5, "in 100")
    said.goal("stamps: right", 100 * found["stamp"][RIGHT] / COUNT, 75, "in 100", least=True)
    said.goal("senders: wrong", 100 * found["sender"][WRONG] / COUNT, 5, "in 100")
    said.goal("senders: right", 100 * found["sender"][RIGHT] / COUNT, 85, "in 100", least=True)
    return said


def _stamp(letter: StampedLetter, read: PageText) -> str:
    """No stamp where there is none is right, too."""
    found = believable(read.stamp, SEEN)
    if (found and found.day) == letter.stamp:
        return RIGHT
    return SILENT if found is None else WRONG


def _sender(letter: StampedLetter, read: PageText) -> str:
    who = letterhead([read.text], PREFECTURE, read.head)
    lines = who.postal.splitlines()
    if _same(who.name, letter.name) and lines and _same(lines[-1], letter.postcode_line):
        return RIGHT
    return SILENT if not who.name else WRONG


def _same(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _plain(text: str) -> list[str]:
    return text.casefold().replace("’", "'").split()


if __name__ == "__main__":
    done = bench()
    done.note(f"bench: {done.met} of {done.goals} goals met")
    raise SystemExit(done.met < done.goals)
