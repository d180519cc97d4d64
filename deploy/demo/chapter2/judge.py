"""The judge of the second chapter: holds pages, figures and the night against its expected.yaml."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import time as clock_time
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.demo.chapter2 import one_figure
from deploy.demo.chapter2.page_text import odt_text, plain, rows_of
from deploy.demo.chapter2.play import ALARM, VERIFIED, MorningAfter, PlayedChapter
from deploy.demo.inputs import ZONE
from deploy.demo.judge import Mismatch
from deploy.demo.month import Play, text_of
from deploy.demo.run import DemoError
from deploy.demo.session import Visitor
from deploy.demo.tale import line

EXPECTED: Final = Path(__file__).parent / "expected.yaml"
OFFICER: Final = "h.marchand"
MINUTES: Final = "/qualite/comite/reunions/1/compte-rendu.odt"
DOSSIER: Final = "/qualite/label/dossier.zip"
CLOSED: Final = """
SELECT f.month, f.k::int AS k, f.n::int AS n
FROM desk.figures('2026-05-01', '2026-12-01', ARRAY['reponse'], $1, NULL, true) AS f
WHERE f.month IS NOT NULL AND f.channel IS NULL AND f.service IS NOT DISTINCT FROM $2
"""


async def mismatches(play: Play, played: PlayedChapter) -> tuple[int, Sequence[Mismatch]]:
    """Compares the second chapter's result with expected.yaml; prints each difference.

    An act of the story that was refused counts as a difference.

    Returns the number of values compared, and the differences found.
    """
    expected: Mapping[str, Any] = yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))
    checked = [
        _unlike("what was refused", [], list(played.refused)),
        *[check async for check in _months(play, expected)],
        *[check async for check in _night(play, expected["night"], played.morning)],
        *[check async for check in _exercise(play, expected["exercise"])],
        *[check async for check in _flood(play, expected["flood"])],
        *[check async for check in _invited(play, expected["invited"])],
        *[
            _unlike(f"auditor, {what}", told, getattr(played.visit, what))
            for what, told in expected["auditor"].items()
        ],
        *[check async for check in _pages(play, expected)],
    ]
    found = [mismatch for mismatch in checked if mismatch is not None]
    for mismatch in found:
        line(f"  ✗ {mismatch}")
    return len(checked), found


async def _months(play: Play, expected: Mapping[str, Any]) -> AsyncIterator[Mismatch | None]:
    for what, service in (("closed", None), ("bmi", "bmi")):
        services = None if service is None else [service]
        rows = await play.running.db.fetch(CLOSED, services, service)
        found = {f"{row['month']:%Y-%m}": [row["k"], row["n"]] for row in rows}
        for month, counts in expected[what].items():
            yield _unlike(f"replies of {month}, {what}", counts, found.pop(str(month), None))
        yield _unlike(f"other months, {what}", {}, found)


async def _night(
    play: Play, expected: Mapping[str, Any], morning: MorningAfter
) -> AsyncIterator[Mismatch | None]:
    named = {await play.people.find(name) for name in expected["named"]}
    yield _unlike("items that the night names", sorted(named), sorted(morning.named))
    yield _holds("differences, enough", holds=morning.differing >= expected["at_least"])
    limit = clock_time.fromisoformat(expected["before"])
    in_time = morning.verified_at.date() == VERIFIED.date() and morning.verified_at.time() < limit
    yield _holds("found before 9:00", holds=in_time)
    for said in expected["page"]:
        yield _holds(f"page « Preuves » that morning: {said}", holds=said in plain(morning.page))
    for address in expected["told"]:
        told = [
            mail
            for mail in await play.inbox(address, 1)
            if mail["Date"].datetime.astimezone(ZONE).date() == VERIFIED.date()
            and ALARM in text_of(mail)
        ]
        yield _holds(f"digest of {address} that morning", holds=bool(told))


async def _exercise(play: Play, expected: Mapping[str, int]) -> AsyncIterator[Mismatch | None]:
    for address, count in expected.items():
        mails = await play.inbox(address, count)
        told = [mail for mail in mails if "EXERCICE" in str(mail["Subject"])]
        yield _unlike(f"mails of the exercise to {address}", count, len(told))


async def _flood(play: Play, expected: Mapping[str, Any]) -> AsyncIterator[Mismatch | None]:
    """Of each sender of the event: how many receipts had its line, how many mails its reply."""
    for name, replies in expected["replies"].items():
        address = parseaddr(str(play.story.mails[name]["from"]))[1]
        texts = [" ".join(text_of(mail).split()) for mail in await play.inbox(address, 2)]
        lines = sum(expected["line"] in text for text in texts)
        told = sum(expected["reply"] in text for text in texts)
        yield _unlike(f"receipts of {name} with the line", 1, lines)
        yield _unlike(f"mass replies to {name}", replies, told)


async def _invited(
    play: Play, expected: Mapping[str, Sequence[Sequence[str]]]
) -> AsyncIterator[Mismatch | None]:
    """Of each member reached by mail: each mail about the meeting, with its day and its event."""
    for address, told in expected.items():
        mails = await play.inbox(address, len(told))
        yield _unlike(f"mails about the meeting to {address}", len(told), len(mails))
        for mail, (day, *event) in zip(mails, told, strict=False):
            said = " ".join(text_of(mail).split())
            diary = "".join(
                part.get_content()
                for part in mail.walk()
                if part.get_content_type() == "text/calendar"
            )
            yield _holds(f"a mail to {address} says « {day} »", holds=day in said)
            for field in event:
                yield _holds(f"an event to {address} has {field}", holds=field in diary)


async def _pages(play: Play, expected: Mapping[str, Any]) -> AsyncIterator[Mismatch | None]:
    async with Visitor.at(play.running, OFFICER) as visitor:
        for row in expected["pages"]:
            try:
                page = await visitor.read(row["page"])
            except DemoError as error:
                yield Mismatch(row["page"], "a page", str(error))
                continue
            words, rows = plain(page).casefold(), [told.casefold() for told in rows_of(page)]
            for said in row.get("says", ()):
                there = said.casefold() in words
                yield _holds(f"{row['page']} says « {said} »", holds=there)
            for wanted in row.get("rows", ()):
                there = any(wanted.casefold() in told for told in rows)
                yield _holds(f"{row['page']} has {wanted}", holds=there)
        async for reader, wanted, found in one_figure.readers(
            play, visitor, expected["one_figure"], expected["closed"]
        ):
            yield _unlike(reader, wanted, found)
        began = time.monotonic()
        await visitor.octets(DOSSIER)
        took = time.monotonic() - began
        line(f"  The file of the candidature was ready in {took:.1f} s.")
        yield _holds("the file of the candidature in time", holds=took <= expected["dossier"])
        odt = await visitor.octets(MINUTES)
    text = await asyncio.to_thread(odt_text, odt)
    for said in expected["minutes"]:
        yield _holds(f"minutes say « {said} »", holds=said in text)


def _unlike(what: str, expected: Any, found: Any) -> Mismatch | None:
    return None if expected == found else Mismatch(what, expected, found)


def _holds(what: str, *, holds: bool) -> Mismatch | None:
    return None if holds else Mismatch(what, "so", "not so")
