"""The story as data: which inputs enter when, what people then do, and where each went.

Everything of input/ is read here, once, and checked for what would make the story say nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from PIL import Image

from deploy.demo import paper, print_check
from deploy.demo.paper import Copier
from deploy.demo.print_check import Printed
from shared.paper.code_keys import CodeKeys
from shared.site.tables.bundle import Site

INPUT = Path(__file__).parent / "input"
ZONE = ZoneInfo("Europe/Paris")
FIRST, LAST = date(2026, 5, 11), date(2026, 6, 9)
NOON, EVENING = time(12, 30), time(18, 0)
RUNGS, DIGESTS = time(6, 0), time(9, 0)


@dataclass(frozen=True, slots=True)
class Batch:
    """A file that the demo's copier scanned, with the pages of each letter in it."""

    name: str
    at: datetime
    octets: bytes
    pages: Mapping[str, tuple[int, int]]
    """Each letter's id → its first and last page in the file, from 1."""

    def identity(self, letter: str) -> str:
        """Returns the identity of a letter in the scan folder: file hash and pages (DESIGN §2)."""
        first, last = self.pages[letter]
        return f"{sha256(self.octets).hexdigest()}:{first}-{last}"


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of the demo's story: inputs enter first, then people act."""

    at: datetime
    mails: Sequence[Mapping[str, Any]]
    batches: Sequence[Batch]
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Story:
    """The whole story of the demo: its moments, inputs and people's acts."""

    moments: Sequence[Moment]
    mails: Mapping[str, Mapping[str, Any]]
    batches: Sequence[Batch]
    reply: str

    @property
    def inputs(self) -> int:
        """The number of inputs: each email in each mailbox, each scanned document."""
        mails = sum(len(mail["to"]) for mail in self.mails.values())
        return mails + sum(max(1, len(batch.pages)) for batch in self.batches)


def read_story(site: Site, keys: CodeKeys) -> Story:
    """Reads the demo's story from input/, and prints and scans its paper."""
    mails = {mail["id"]: {**mail, "taken": local(mail["at"])} for mail in _yaml("mails.yaml")}
    written = _yaml("letters.yaml")
    letters = {letter["id"]: letter for letter in written["letters"]}
    batches = [_batch(row, letters, site, keys) for row in written["batches"]]
    acts = _yaml("story.yaml")
    moments = [
        Moment(
            at,
            [mail for mail in mails.values() if since < mail["taken"] <= at],
            [batch for batch in batches if since < batch.at <= at],
            acts["days"].get(at.date(), {}).get(half, ()),
        )
        for since, at, half in _moments()
    ]
    return Story([moment for moment in moments if _is_lived(moment)], mails, batches, acts["reply"])


def local(text: str | datetime) -> datetime:
    """Parses a moment of the demo's files, in the préfecture's time zone."""
    return datetime.fromisoformat(str(text)).replace(tzinfo=ZONE)


def _moments() -> Iterator[tuple[datetime, datetime, str]]:
    """The moment before, the moment, and the half-day of what people then do."""
    before = datetime.combine(FIRST, time(0, 0), ZONE)
    day = FIRST
    while day <= LAST:
        for clock, half in (
            (RUNGS, "morning"),
            (DIGESTS, ""),
            (NOON, "noon"),
            (EVENING, "evening"),
        ):
            at = datetime.combine(day, clock, ZONE)
            if day.weekday() < 5 or half == "evening":  # noqa: PLR2004  (Saturday)
                yield before, at, half
                before = at
        day += timedelta(days=1)


def _is_lived(moment: Moment) -> bool:
    """Whether the story stands still there: what happens by itself happens in the morning."""
    enters_or_acts = moment.mails or moment.batches or moment.lines
    return bool(enters_or_acts) or moment.at.time() in (RUNGS, DIGESTS)


def _batch(row: Mapping[str, Any], letters: Mapping[str, Any], site: Site, keys: CodeKeys) -> Batch:
    at = local(row["at"])
    if row.get("damage") == "noise":
        noise = b"%PDF-1.7\n" + b"".join(sha256(bytes([n])).digest() for n in range(200))
        return Batch(row["file"], at, noise, {})
    words = [row, [letters[name] for name in row["sheets"] if name in letters]]
    octets, places = print_check.once(words, site, keys, lambda: _printed(row, letters, site, keys))
    if row.get("damage") == "truncated":
        return Batch(row["file"], at, octets[: len(octets) // 2], {})
    return Batch(row["file"], at, octets, places)


def _printed(
    row: Mapping[str, Any], letters: Mapping[str, Any], site: Site, keys: CodeKeys
) -> Printed:
    copier = Copier(row["dpi"], row["tilt"], row["noise"])
    pages: list[Image.Image] = []
    places: dict[str, tuple[int, int]] = {}
    sticker: Image.Image | None = None
    strange = 0  # pages of another préfecture's sheet: they stay before the letter
    for name in row["sheets"]:
        if name.startswith("label:"):
            sticker = paper.sheet(name, site, keys, copier)
        elif name in letters:
            drawn = paper.letter_pages(letters[name], copier)
            if sticker is not None:
                drawn[0] = paper.with_sticker(drawn[0], sticker)
                sticker = None
            places[name] = (len(pages) + 1 - strange, len(pages) + len(drawn))
            strange = 0
            pages += drawn
        elif name == "blank":
            pages.append(paper.blank_page(copier))
            last = list(places)[-1]
            places[last] = (places[last][0], len(pages))
        else:
            pages.append(paper.sheet(name, site, keys, copier))
            strange += name == "foreign"
    seen = [paper.scan_picture(page, copier, seed) for seed, page in enumerate(pages)]
    return Printed(paper.scan_file(row["file"], seen, copier), places)


def _yaml(name: str) -> Any:
    return yaml.safe_load((INPUT / name).read_text(encoding="utf-8"))
