"""`desk withdraw`, `desk legal-hold` and `desk destroy`: how a content ends, and how it is kept."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

import click

from services.desk import eliminating
from services.desk.commands.deciding import (
    AS,
    CHRONO,
    CODE_OF_SESSION,
    DAY,
    REASON,
    about,
    decider,
    say,
    sign,
    take,
)
from services.desk.commands.session import Session, run, run_with_pool
from services.desk.commands.writing import written
from services.desk.deciding import Decider
from services.desk.domain.acts import Act
from services.desk.domain.decisions.joining import message_of
from services.desk.domain.decisions.second import LeavePerimeter, LiftHold
from services.desk.domain.decisions.withdrawing import AskWithdrawal, PlaceHold
from services.desk.domain.item import Item
from services.desk.domain.retention import Due
from services.desk.store import erasures, items, slips
from services.desk.store.slips import Line, Slip
from shared.blobs import LocalBlobs
from shared.errors import Refused

T = TypeVar("T")

NEW = "nouveau"
"""What the code of a bordereau that has no number yet is about."""


@click.group()
def withdraw() -> None:
    """Take a document away for good: one person asks, another confirms, the chain stays."""


@withdraw.command("ask")
@CHRONO
@AS
@CODE_OF_SESSION
@click.option("--message", "seq", type=int, help="Its number in `desk show`; 1 is what opened it.")
@click.option("--whole", is_flag=True, help="All that the item holds.")
@REASON
def ask(chrono: str, who: str, one_time: str, seq: int | None, reason: str, *, whole: bool) -> None:
    """Ask that a document, or the whole content, be withdrawn."""
    if whole == (seq is not None):
        raise click.UsageError("Say --message NUMBER or --whole.")
    sign(who, Act.WITHDRAW, chrono, one_time)

    async def decision(session: Session, by: Decider) -> Item:
        item_id = await session.item(chrono)
        arrival = None
        if seq is not None:
            item = (await items.lock(session.connection, [item_id]))[item_id].item
            arrival = item.arrival_id if seq == 1 else message_of(item, seq).arrival_id
            if arrival is None:
                raise Refused(
                    f"{item.chrono} was keyed at the counter: it holds no document.", "no-document"
                )
        return await by.about(item_id, AskWithdrawal(arrival, reason))

    say(take(who, decision))
    click.echo("Asked: nothing is gone before another person confirms.")


@withdraw.command()
@CHRONO
@AS
@CODE_OF_SESSION
def confirm(chrono: str, who: str, one_time: str) -> None:
    """Confirm what another person asked: pages, search, text and bytes lose it now."""
    sign(who, Act.WITHDRAW, chrono, one_time)

    async def decision(session: Session, by: Decider) -> Item:
        return await by.withdraw(await session.item(chrono))

    item, erased = _then_erase(who, decision)
    say(item)
    click.echo(f"Withdrawn: {erased} folders erased; the chain keeps the hashes.")


@click.group("legal-hold")
def legal_hold() -> None:
    """Keep an item from any destruction: a judge or an auditor may ask for it."""


@legal_hold.command()
@CHRONO
@AS
@REASON
def place(chrono: str, who: str, reason: str) -> None:
    """Nothing of it may be destroyed."""
    about(who, chrono, PlaceHold(reason))


@legal_hold.command()
@CHRONO
@AS
@CODE_OF_SESSION
@REASON
def lift(chrono: str, who: str, one_time: str, reason: str) -> None:
    """It may be destroyed again: the first person asks, the second confirms."""
    sign(who, Act.LIFT_HOLD, chrono, one_time)
    about(who, chrono, LiftHold(reason))


@click.command("leave-perimeter")
@CHRONO
@AS
@CODE_OF_SESSION
@REASON
def leave_perimeter(chrono: str, who: str, one_time: str, reason: str) -> None:
    """After its limit: the first person asks, the second confirms, one is the quality officer."""
    sign(who, Act.LEAVE_PERIMETER, chrono, one_time)
    about(who, chrono, LeavePerimeter(reason))


@click.group(invoke_without_command=True)
@click.option("--due", is_flag=True, help="Show what may be destroyed.")
@click.pass_context
def destroy(context: click.Context, *, due: bool) -> None:
    """Destroy contents whose time has come: propose, visa of an archivist, carry out."""
    if context.invoked_subcommand is None:
        if not due:
            raise click.UsageError("Say --due, or one of: propose, list, print, visa, run, drop.")
        _show_due()


def _show_due() -> None:
    async def work(session: Session) -> Sequence[Due]:
        return await slips.all_due(session.connection, session.applied.site, session.today)

    found = run(work)
    for one in found:
        click.echo(f"{one.chrono:<18} {one.category:<24} ended {one.ended_on}, due {one.due_on}")
    click.echo(
        f"{len(found)} items due (at most {slips.MOST_LINES} are shown); those on an open bordereau"
        " are left out."
    )


@destroy.command()
@AS
@CODE_OF_SESSION
@click.option("--to", "out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def propose(who: str, one_time: str, out: Path) -> None:
    """Write the bordereau of all that is due (CSV; `print` makes the PDF)."""
    sign(who, Act.DESTROY, NEW, one_time)

    async def decision(session: Session, by: Decider) -> tuple[Slip, bytes]:
        del session
        return await eliminating.propose(by)

    slip, content = take(who, decision)
    with written(out):
        out.write_bytes(content)
    click.echo(f"{slip.slip} proposed, {out} written: have the archivist see it.")


@destroy.command("list")
def list_() -> None:
    """The bordereaux and where each stands."""

    async def work(session: Session) -> Sequence[tuple[Slip, int]]:
        return await slips.every(session.connection)

    found = run(work)
    if not found:
        click.echo("No bordereau yet.")
    for slip, lines in found:
        click.echo(f"{slip.slip}  {lines} items, by {slip.proposed_by}: {_stands(slip)}")


def _stands(slip: Slip) -> str:
    if slip.done_at is not None:
        return f"carried out by {slip.done_by}, visa {slip.visa}"
    if slip.dropped_at is not None:
        return "dropped"
    return f"visa {slip.visa}" if slip.visa else "waits for a visa"


@destroy.command("print")
@click.argument("slip")
@click.option("--to", "out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def print_(slip: str, out: Path) -> None:
    """Write a bordereau as PDF, as it stands now."""

    async def work(session: Session) -> bytes:
        found = await slips.one(session.connection, slip)
        lines: Sequence[Line] = await slips.lines_of(session.connection, slip)
        return eliminating.printed(found, lines, session.applied.site)

    content = run(work)
    with written(out):
        out.write_bytes(content)
    click.echo(f"{out} written.")


@destroy.command()
@click.argument("slip")
@AS
@CODE_OF_SESSION
@click.option("--visa", required=True, help="Number of the archivist's visa.")
@click.option("--archivist", required=True, help="Who gave it.")
@click.option("--on", "day", type=DAY, required=True, help="When, YYYY-MM-DD.")
def visa(slip: str, who: str, one_time: str, visa: str, archivist: str, day: date) -> None:
    """Note the archivist's visa."""
    sign(who, Act.DESTROY, slip, one_time)

    async def decision(session: Session, by: Decider) -> None:
        del by
        await eliminating.approve(session.connection, slip, visa, archivist, day)

    take(who, decision)
    click.echo(f"{slip} may be carried out by another person than its proposer.")


@destroy.command("run")
@click.argument("slip")
@AS
@CODE_OF_SESSION
def run_(slip: str, who: str, one_time: str) -> None:
    """Destroy what the bordereau names and whose time still has come."""
    sign(who, Act.DESTROY, slip, one_time)

    async def decision(session: Session, by: Decider) -> dict[str, int]:
        del session
        return await eliminating.carry_out(by, slip)

    outcomes, erased = _then_erase(who, decision)
    said = ", ".join(f"{n} {what.replace('_', ' ')}" for what, n in sorted(outcomes.items()))
    click.echo(f"{slip}: {said}; {erased} folders erased.")


@destroy.command()
@click.argument("slip")
@AS
def drop(slip: str, who: str) -> None:
    """Give a bordereau up: its items may be proposed again."""

    async def decision(session: Session, by: Decider) -> None:
        await eliminating.drop(session.connection, slip, by.now)

    take(who, decision)
    click.echo(f"{slip} is dropped.")


@click.command()
@AS
def erase(who: str) -> None:
    """After a restore: erase again all that was ever withdrawn, destroyed or deleted."""

    async def decision(session: Session, by: Decider) -> None:
        del by
        await erasures.all_again(session.connection)

    _, erased = _then_erase(who, decision)
    click.echo(f"{erased} folders are gone, whatever the backup had.")


def _then_erase(who: str, decision: Callable[[Session, Decider], Awaitable[T]]) -> tuple[T, int]:
    """Takes a decision, and erases from the disk what it condemned once it is committed."""

    async def work(session: Session) -> T:
        return await decision(session, decider(session, who))

    return run_with_pool(
        work,
        lambda pool, settings, now: erasures.erase(pool, LocalBlobs(settings.blobs), now),
    )
