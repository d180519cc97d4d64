"""The script: starts a préfecture, plays the month, prints it, and hands it to the judge."""

import asyncio
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from deploy.demo import costs, judge, latency
from deploy.demo.chapter2 import judge as second_judge
from deploy.demo.chapter2 import play as second
from deploy.demo.inputs import FIRST, ZONE, read_story
from deploy.demo.month import FOLLOWED, Play, text_of
from deploy.demo.quiet import open_quiet
from deploy.demo.reader_check import open_heard
from deploy.demo.run import DemoError, Running, start
from deploy.demo.tale import line
from deploy.embedded.account import new_account
from shared.paper.code_keys import CodeKeys
from shared.site.load import load_folder

SITE = Path(__file__).parents[1] / "site" / "indre"
OPENING = datetime(FIRST.year, FIRST.month, FIRST.day, 5, 30, tzinfo=ZONE)
"""When the story begins and the préfecture goes live, before the first mail."""

CODE_SECRET = SecretStr("printed once, for every demo")
"""Signs the story's sheets and labels, which are drawn once and kept in the user's cache."""

RECEIVER = "awa.diarra@courriel.example"
READER = "catherine.aubry@indre.example"
FORGETTING = ("--compare-forgetting", "ascension")
SHOWN = 9
WIDTH = 100


async def perform(data: Path, *, keep: bool, chapters: int = 1) -> int:
    """Runs the demo, one chapter or both, on an empty data folder; returns the exit code."""
    began = time.monotonic()
    async with stage(data) as play:
        if keep:
            line(f"  The register's pages: {_pages(play.running)}")
            line(f"  Password of their local account: {play.running.password}")
        return await _played(play, began, keep=keep, chapters=chapters)


@asynccontextmanager
async def stage(data: Path) -> AsyncIterator[Play]:
    """Starts a préfecture on an empty data folder, before its first day, to play the demo in.

    A context manager.

    It ends with the block. Raises DemoError when it does not start.
    """
    began = time.monotonic()
    shutil.rmtree(data, ignore_errors=True)
    os.environ["VAGUEMESTRE_DATA"] = str(data)
    site = load_folder(SITE)
    line("Vaguemestre plays Monday 11 May → Tuesday 9 June 2026 at the préfecture de l'Indre.")
    keys = CodeKeys.of(site.identity.id, CODE_SECRET)
    printing = asyncio.create_task(asyncio.to_thread(read_story, site, keys))
    account = new_account()
    given = {
        "VAGUEMESTRE_LOCAL_ACCOUNT": account.hashed,
        "VAGUEMESTRE_CODE_SECRET": CODE_SECRET.get_secret_value(),
    }
    running = await start(data, SITE, OPENING, given=given, throwaway=True)
    running.password = account.password
    try:
        quiet = await open_quiet(running)
        heard = await open_heard(str(running.run["kafka"]))
        try:
            line(
                f"  Kafka, PostgreSQL, IMAP, SMTP and {len(running.run['pids'])} processes"
                f" after {time.monotonic() - began:.0f} s."
            )
            play = Play(running, site, await printing, quiet, heard)
            try:
                yield play
            finally:
                await asyncio.to_thread(play.people.close)
        finally:
            await heard.close()
            await quiet.close()
    finally:
        await running.stop()


async def month(play: Play) -> None:
    """Takes the préfecture live, has its letters approved, and plays the demo's month."""
    live = ["site", "go-live", "--by", "Hélène Marchand", "--why", "démonstration", "--yes"]
    for said in (await play.people.command(live)).strip().splitlines():
        line(f"  {said}")
    await play.people.approve_letters(SITE / "letters")
    for letter, what in FOLLOWED.values():
        line(f"  {letter}  {what}")
    await play.month()


def _pages(running: Running) -> str:
    return f"http://127.0.0.1:{running.run['http_ports']['desk']}/"


async def _played(play: Play, began: float, *, keep: bool, chapters: int) -> int:
    await month(play)
    await _closing(play)
    failures = [*await judge.judge(play)]
    words = await judge.words_of(play)
    accounted = judge.summary(play, words, len(failures))
    if chapters > 1:
        failures += await _second(play)
    await _measured(play)
    line(f"  Played in {time.monotonic() - began:.0f} s.")
    line(accounted)
    if keep and not failures:
        line(f"The préfecture runs on; its pages: {_pages(play.running)} Ctrl-C ends it.")
        await asyncio.Event().wait()
    return 1 if failures else 0


async def _second(play: Play) -> Sequence[judge.Mismatch]:
    """The second chapter; what differs from its expectations."""
    began = time.monotonic()
    played = await second.chapter(play)
    checked, failures = await second_judge.mismatches(play, played)
    verdict = "all as expected" if not failures else f"{len(failures)} mismatches"
    line(f"chapter 2: {checked} checks; {verdict}; {time.monotonic() - began:.0f} s")
    return failures


async def _closing(play: Play) -> None:
    """What the readers saw, and how the late letter was counted."""
    receipt = (await play.inbox(RECEIVER))[0]
    digest = (await play.inbox(READER))[-1]
    for mail, whose in ((receipt, "A receipt, as read"), (digest, "A digest")):
        line(f"{whose}: {mail['Subject']}"[:WIDTH])
        written = [text for text in text_of(mail).splitlines() if text.strip()]
        for text in written[:SHOWN]:
            line(f"  | {text}"[:WIDTH])
    line("How the letter B was counted")
    explained = await play.people.command(
        ["sla", "explain", await play.people.find("carte-en-retard"), *FORGETTING]
    )
    reply = next(part for part in explained.split("\n\n") if part.startswith("reply:"))
    for text in reply.strip().splitlines():
        line(f"  | {text}"[:WIDTH])


async def _measured(play: Play) -> None:
    """In real time and outside the figures: how long a sender waits, and how big everything is."""
    run = play.running.run
    seconds = await asyncio.to_thread(latency.measure, run, "pref-bsr@indre.example")
    half, most = latency.percentile(seconds, 0.5), latency.percentile(seconds, 0.95)
    line(
        f"SMTP accepted → receipt in the mailbox, {len(seconds)} mails:"
        f" p50 {half:.2f} s, p95 {most:.2f} s"
    )
    for cost in costs.lines({name: int(pid) for name, pid in run["pids"].items()}):
        line(cost)


def main() -> None:
    """Runs the demo from the command line (`python -m deploy.demo`)."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a shell's background job
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    keep = os.environ.get("KEEP") == "1"
    chapters = 2 if os.environ.get("CHAPTER") == "2" else 1
    try:
        sys.exit(
            asyncio.run(perform(Path(".vaguemestre-demo").resolve(), keep=keep, chapters=chapters))
        )
    except DemoError as error:
        line(f"demo: {error}")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
