"""`vaguemestre rehearse`: what other rules or a release do to people, before it is done.

Real facts are replayed in memory. Read-only, in one transaction of a role that may read only, and
nothing is sent: no mail server is known here. Exit code 0 where nothing differs, 1 where something
does, 2 where it can't be said.

Needs:  VAGUEMESTRE_DATABASE_URL of the role that ends in _rehearsal; VAGUEMESTRE_BLOBS where the
        rules that are proposed route otherwise
"""

import asyncio
import gc
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any, ClassVar

import asyncpg
import click

from services.desk.domain.rehearsals import KeptChange, NewRehearsal, RehearsalKind
from services.desk.store import rehearsals
from services.ingest.mail_parser import MailParserPool
from services.ops.rehearsal import own_mail, own_mail_text, text
from services.ops.rehearsal.difference import RehearsedChange
from services.ops.rehearsal.ground import NotMigrated
from services.ops.rehearsal.history_mail import days_of_month
from services.ops.rehearsal.sides import AskedRehearsal, FoundRehearsal, run_rehearsal
from shared.content.blobs import Blobs
from shared.content.originals_settings import BucketSettings
from shared.errors import Refused, VaguemestreError
from shared.platform.clock import SystemClock, open_clock
from shared.platform.database import open_pool, transaction
from shared.platform.failures import reason_of
from shared.platform.postgres import rows
from shared.platform.settings import load
from shared.site.checks.validation_errors import BadSite
from shared.site.load import load_folder
from shared.site.owner import mistakes_text

UNTOLD = 2
"""Exit code where a rehearsal can't be made."""


class Rehearser(BucketSettings):
    """The settings of `rehearse`: a database role that reads, and where the letters' texts are."""

    role: ClassVar[str] = "rehearsal"

    blobs: Path | None = None

    @property
    def originals(self) -> Blobs | None:
        """The blob store of that folder, and of the bucket that takes over; `None` without one."""
        return None if self.blobs is None else self.blobs_in(self.blobs)


class CanNotRehearse(click.ClickException):
    """Raised when a rehearsal (replay of items under other rules) can't be made."""

    exit_code = UNTOLD


@dataclass
class RehearsalOutput:
    """The output of the command `rehearse`: prints changes, and collects the first to be stored."""

    as_json: bool
    quiet: bool
    """Only the sums."""
    keeps: bool
    out: IO[str] = field(default_factory=lambda: sys.stdout)
    kept: list[KeptChange] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def tell(self, changes: Sequence[RehearsedChange]) -> None:
        """Prints what differs in an item's outcomes under other rules, and collects it to store."""
        room = rehearsals.MOST_CHANGES - len(self.kept) if self.keeps else 0
        self.kept += [_to_keep(change) for change in changes[:room]]
        if self.quiet:
            return
        if self.as_json:
            self.out.write(text.item_json(changes) + "\n")
        else:
            self.out.writelines(f"{line}\n" for line in text.item(changes))

    def progress(self, items: int) -> None:
        """Prints how many items the rehearsal has compared."""
        seconds = time.monotonic() - self.began
        click.echo(f"{items} items, {items / max(seconds, 0.001):.0f} a second", err=True)


def _month(ctx: click.Context, param: click.Parameter, value: str | None) -> Any:
    del ctx, param
    try:
        return None if value is None else days_of_month(value)
    except ValueError as error:
        raise click.BadParameter("a month is written YYYY-MM, such as 2026-03.") from error


@click.command()
@click.option("--site", "folder", type=click.Path(path_type=Path), help="A site folder's rules.")
@click.option("--release", "wheel", type=click.Path(path_type=Path), help="A release's wheel.")
@click.option(
    "--wheelhouse",
    type=click.Path(path_type=Path, file_okay=False),
    help="Libraries of the release; without it those that are installed here.",
)
@click.option("--month", metavar="YYYY-MM", callback=_month, help="Of a month's mail alone.")
@click.option(
    "--mails",
    type=click.Path(exists=True, path_type=Path),
    help="Mails of a folder, a Maildir or an mbox file, with --site alone: no database is asked.",
)
@click.option("--mailbox", help="Id of the mailbox in which --mails would have arrived.")
@click.option("--summary", "quiet", is_flag=True, help="Only the sums, no line for each item.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON an item, then the sums.")
@click.option("--keep", "why", metavar="WHY", help="Keep it for the page, with this reason.")
@click.option("--by", "author", help="Your name, where it is kept.")
def rehearse(
    folder: Path | None,
    wheel: Path | None,
    wheelhouse: Path | None,
    month: tuple[date, date] | None,
    why: str | None,
    author: str | None,
    *,
    mails: Path | None,
    mailbox: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Replay the facts of every item under other rules, and show what differs and why.

    With --release another release's program replays them, under the rules that run. Nothing is
    written (but the rehearsal itself, with --keep) and nothing is sent. With --month alone a past
    month is compared with the rules of now; mail from before go-live is counted as if it had been
    tracked. With --mails your own mails are judged by a folder's rules, before anything is
    installed: what each would be, and what would have left by itself.
    """
    if mails is not None:
        if folder is None or month or wheel or why or author:
            raise click.UsageError("Mails are tried under a folder's rules alone: --mails, --site.")
        _try_mails(mails, folder, mailbox, as_json=as_json, quiet=quiet)
        return
    if folder is None and month is None and wheel is None:
        raise click.UsageError("Say what is rehearsed: --site FOLDER, --release or --month.")
    if folder is not None and wheel is not None:
        raise click.UsageError("Rehearse rules and releases one after the other.")
    if (why is None) != (author is None) or (why is not None and not (why and author)):
        raise click.UsageError("To keep it, say why (--keep WHY) and who you are (--by NAME).")
    asked = AskedRehearsal(folder, month, wheel, wheelhouse)
    output = RehearsalOutput(as_json, quiet, keeps=why is not None)
    with _sentences(), rows.leaving_out() as left:
        found = asyncio.run(_rehearse(load(Rehearser), asked, output, author, why))
    _conclude(found, output, left)


@contextmanager
def _sentences() -> Iterator[None]:
    """Failures as the one sentence of the command line, and with an exit code of their own."""
    try:
        yield
    except BadSite as error:
        raise CanNotRehearse(mistakes_text(error)) from error
    except VaguemestreError as error:
        raise CanNotRehearse(str(error)) from error
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
        raise CanNotRehearse(str(NotMigrated())) from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise CanNotRehearse(
            f"This role may not read what a rehearsal reads ({error}): give the address of the "
            "role that ends in _rehearsal."
        ) from error
    except Exception as error:
        # Exit code 1 would say that something differs: nobody knows.
        traceback.print_exception(error)
        raise CanNotRehearse(f"It failed ({reason_of(error)}): nothing is known.") from error


def _try_mails(
    mails: Path, folder: Path, mailbox: str | None, *, as_json: bool, quiet: bool
) -> None:
    """Tries a folder's mails under a site folder's rules, and prints what they would have been."""
    with _sentences(), closing(MailParserPool()) as parser:
        site = load_folder(folder)
        place, now = own_mail.place_of(site, mailbox), SystemClock().now()
        found = own_mail.try_mails(own_mail.mails_of(mails), site, place, parser, now)
    for tried in () if quiet else found.items:
        for line in [own_mail_text.item_json(tried)] if as_json else own_mail_text.item(tried):
            click.echo(line)
    for line in [own_mail_text.summary_json(found)] if as_json else own_mail_text.summary(found):
        click.echo(line)


def _conclude(
    found: FoundRehearsal, output: RehearsalOutput, left: Sequence[rows.UnreadableRow]
) -> None:
    """Prints the sums, and ends with the exit code."""
    if output.as_json:
        click.echo(found.summary.model_dump_json())
    else:
        for line in text.summary(found.summary):
            click.echo(line)
    if found.release is not None:
        said = text.release(found.release, found.undeclared, found.kinds)
        click.echo(said, err=output.as_json)
    for row in left:
        click.echo(f"{row} Nothing is said of it.", err=True)
    if found.number is not None:
        click.echo(f"Kept as rehearsal {found.number}.", err=True)
    if found.summary.changes or found.undeclared:
        raise SystemExit(1)


async def _rehearse(
    settings: Rehearser,
    asked: AskedRehearsal,
    output: RehearsalOutput,
    author: str | None,
    why: str | None,
) -> FoundRehearsal:
    pool = await open_pool(settings.database_url, "rehearse", size=2, wait=settings.start_wait)
    try:
        now = (await open_clock(pool, settings.database_url)).now().astimezone(UTC)
        gc.freeze()  # what was imported stays: nothing looks through it again
        async with transaction(pool, readonly=True) as connection:
            found = await run_rehearsal(
                connection, asked, settings.originals, now, output.tell, output.progress
            )
        if author is None or why is None:
            return found
        async with transaction(pool) as connection:
            what = _new(found, asked, now, author, why)
            found.number = await rehearsals.keep(connection, what, output.kept, now)
        return found
    finally:
        await pool.close()


def _new(
    found: FoundRehearsal, asked: AskedRehearsal, now: datetime, author: str, why: str
) -> NewRehearsal:
    if not author.strip() or not why.strip():
        raise Refused("Say who keeps it (--by) and why (--keep).")
    return NewRehearsal(
        kind=_kind(asked),
        author=author.strip(),
        why=why.strip(),
        as_of=now,
        month=None if asked.month is None else asked.month[0],
        applied=found.applied,
        before_digest=found.before_digest,
        after_digest=found.after_digest,
        release=found.release,
        undeclared=found.undeclared,
        summary=found.summary,
        lines=found.lines,
    )


def _kind(asked: AskedRehearsal) -> RehearsalKind:
    if asked.wheel is not None:
        return RehearsalKind.RELEASE
    return RehearsalKind.MONTH if asked.folder is None else RehearsalKind.RULES


def _to_keep(change: RehearsedChange) -> KeptChange:
    return KeptChange(
        item_id=str(change.item_id),
        chrono=change.chrono,
        service=change.service,
        reserved=change.reserved,
        thing=change.thing.value,
        subject=change.subject,
        name=change.name,
        was=change.before,
        would=change.after,
        ahead=change.ahead,
        cause=change.cause.code.value,
        detail=change.cause.detail,
    )
