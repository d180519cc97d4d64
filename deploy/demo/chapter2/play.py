"""The second chapter as it is played: each day's mail, answers and pages, and one dishonest night.

It goes on where the first chapter ends, on the same servers. Only days on which something happens
are lived; what the machine does by itself on the others (rungs, roots, verification) it does on the
next of them.
"""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from deploy.demo.chapter2 import auditor_visit
from deploy.demo.chapter2.auditor_visit import AuditorVisit
from deploy.demo.chapter2.chapter import ChapterDay, read_chapter
from deploy.demo.chapter2.page_text import plain
from deploy.demo.compose import TINY_PDF
from deploy.demo.inputs import ZONE
from deploy.demo.month import Play, text_of
from deploy.demo.run import DemoError
from deploy.demo.session import Visitor
from deploy.demo.tale import line

NIGHT: Final = datetime(2026, 11, 12, 23, 30, tzinfo=ZONE)
"""When an administrator of the database makes three late replies punctual."""
VERIFIED: Final = datetime(2026, 11, 13, 3, 30, tzinfo=ZONE)
DIGEST: Final = datetime(2026, 11, 13, 9, 0, tzinfo=ZONE)
FALSIFIED: Final = ("juin-bmi-b-1", "juin-bmi-b-2", "juin-bmi-b-3")
ALARM: Final = "La preuve du registre ne tient pas"
"""What the digest of a morning says when the night found a difference."""
TOLD: Final = ("helene.marchand@indre.example", "francoise.lemoine@indre.example")
WITHIN: Final = 300.0
"""Seconds for what a job does that looks once a real minute whether it is due."""

AGAIN: Final = re.compile(r'name="encore" value="([0-9a-f-]{36})"')
"""The sheet that the register wants typed a second time."""

FALSIFY: Final = """
UPDATE desk.clocks SET outcome = $2 WHERE clock = 'reply' AND outcome = $3 AND item_id = $1::uuid
"""
VERIFICATION: Final = """
SELECT verification, differ, verified_at FROM desk.verifications
WHERE day = $1 ORDER BY verification DESC LIMIT 1
"""
NAMED: Final = "SELECT DISTINCT chrono FROM desk.differences WHERE verification = $1"


@dataclass(frozen=True, slots=True)
class MorningAfter:
    """The result of the verification after the demo's dishonest night, as people had it by 9:00."""

    differing: int
    named: frozenset[str]
    """Chronos that the night's verification names."""
    verified_at: datetime
    page: str
    """The page « Preuves » before 9:00, as HTML."""


@dataclass(frozen=True, slots=True)
class PlayedChapter:
    """The result of the demo's second chapter besides what its pages show."""

    morning: MorningAfter
    visit: AuditorVisit
    refused: Sequence[str]
    """What people did in vain: the page or command, and its refusal."""


async def chapter(play: Play) -> PlayedChapter:
    """Plays the second chapter, on a demo whose month was played.

    Raises DemoError when the services do not get done in time.
    """
    line("Chapter 2: Wednesday 10 June 2026 → Monday 18 January 2027.")
    days = read_chapter()
    play.also({mail["id"]: mail for day in days for mail in day.mails})
    before = [day for day in days if day.at < NIGHT]
    refused: list[str] = []
    for day in before:
        refused += await _lived(play, day)
    morning = await _dishonest_night(play)
    visit = AuditorVisit()
    async with Visitor.unknown(play.running) as auditor:
        for day in days[len(before) :]:
            refused += await _lived(play, day)
            if day.on == auditor_visit.FIRST:
                try:
                    visit = await auditor_visit.play_visit(play, auditor)
                except DemoError as error:
                    refused.append(f"{day.on}: {error}")
        visit = await auditor_visit.afterwards(visit, auditor)
    return PlayedChapter(morning, visit, refused)


async def _lived(play: Play, day: ChapterDay) -> Sequence[str]:
    """A day: its mail comes and is sorted, answers leave, people are on pages; what was refused."""
    began = time.monotonic()
    await play.receive(day.at, day.mails)
    refused = []
    for words in (*day.sorts, *day.answers):
        try:
            await play.people.do(words, day.at)
        except DemoError as error:
            refused.append(f"{day.on}: {error}")
    await play.at(day.at)
    for who, acts in groupby(day.acts, key=itemgetter("who")):
        async with Visitor.at(play.running, who) as visitor:
            for act in acts:
                try:
                    await _done(play, visitor, act)
                except DemoError as error:
                    refused.append(f"{day.on}: {error}")
    await play.at(day.at)
    line(
        f"  {day.at:%a %d %b %Y}  {len(day.mails)} mails, {len(day.answers)} answers,"
        f" {len(day.acts)} on pages, {time.monotonic() - began:.1f} s"
    )
    for refusal in refused:
        line(f"  ✗ {refusal}")
    return refused


async def _done(play: Play, visitor: Visitor, act: Mapping[str, Any]) -> None:
    """Somebody sends a form of a page, as acts.yaml says."""
    page = await play.fill_names(str(act["page"]))
    typed = {name: await _typed(play, value) for name, value in act.get("typed", {}).items()}
    form = act.get("form", page)
    if "until" in act:
        await _shown(visitor, page, act["until"])
    elif "sheets" in act:
        await _sheets_typed(visitor, page, act["sheets"])
    elif "paper" in act:
        await visitor.send_with(page, form, {act["paper"]: TINY_PDF}, **act["typed"])
    else:
        await visitor.send(page, form, **typed)


async def _shown(visitor: Visitor, page: str, words: str) -> None:
    """Reads a page anew until it says these words. Raises DemoError when it never does."""
    deadline = time.monotonic() + WITHIN
    while words not in plain(await visitor.read(page)):
        if time.monotonic() > deadline:
            raise DemoError(f"{page} did not say « {words} » in {WITHIN:.0f} s.")
        await asyncio.sleep(0.5)


async def _sheets_typed(visitor: Visitor, page: str, groups: Sequence[Mapping[str, Any]]) -> None:
    """Survey sheets one after the other; where the register asks for it, a sheet once more."""
    rows = [
        {"canal": group["channel"], "lieu": group.get("place", ""), "reponses": group["answers"]}
        for group in groups
        for _ in range(group["n"])
    ]
    pages = [after async for after in visitor.send_each(page, rows)]
    again = [
        {**row, "encore": asked[1]}
        for row, after in zip(rows, pages, strict=True)
        if (asked := AGAIN.search(after))
    ]
    async for _ in visitor.send_each(page, again):
        pass


async def _typed(play: Play, value: str | Sequence[str]) -> str | Sequence[str]:
    if isinstance(value, str):
        return await play.fill_names(value)
    return [await play.fill_names(part) for part in value]


async def _dishonest_night(play: Play) -> MorningAfter:
    """Three outcomes are rewritten in the database; what the night finds; they are mended."""
    await play.at(NIGHT)
    items = [play.people.items[name] for name in FALSIFIED if await play.people.find(name)]
    for item in items:
        await play.running.db.execute(FALSIFY, item, "kept", "late")
    line(f"  {NIGHT:%a %d %b %H:%M}  an administrator makes {len(items)} late replies punctual")
    await play.running.move(VERIFIED)
    found = await _verified(play)
    named = await play.running.db.fetch(NAMED, found["verification"])
    async with Visitor.at(play.running, "h.marchand") as visitor:
        page = await visitor.read("/preuve")
    at = found["verified_at"].astimezone(ZONE)
    line(f"  {at:%a %d %b %H:%M}  the night's verification finds {found['differ']} differences")
    await play.at(DIGEST)
    await _told(play)
    for item in items:
        await play.running.db.execute(FALSIFY, item, "late", "kept")
    chronos = frozenset(row["chrono"] for row in named if row["chrono"])
    return MorningAfter(found["differ"], chronos, at, page)


async def _told(play: Play) -> None:
    """Waits until both who answer for the evidence read it in their digest, or time is up."""
    deadline = time.monotonic() + WITHIN
    for address in TOLD:
        while time.monotonic() < deadline:
            if any(ALARM in text_of(mail) for mail in await play.inbox(address)):
                break
            await asyncio.sleep(0.5)


async def _verified(play: Play) -> Any:
    deadline = time.monotonic() + WITHIN
    while True:
        row = await play.running.db.fetchrow(VERIFICATION, VERIFIED.date())
        if row is not None:
            return row
        if time.monotonic() > deadline:
            raise DemoError(f"Nothing was verified on {VERIFIED:%d %B} in {WITHIN:.0f} s.")
        await asyncio.sleep(0.2)
