"""`desk withdraw`, `desk legal-hold` and `desk destroy`: how a content ends, and how it is kept."""

from collections.abc import Sequence
from pathlib import Path

import click

from services.desk.commands.decision_options import AS, CHRONO, REASON, about, on_page
from services.desk.commands.session import CommandSession, run, run_with_pool
from services.desk.domain.decisions.withdrawal import PlaceHold
from services.desk.domain.retention import Due
from services.desk.retention import destruction_list
from services.desk.retention.store import deletions, destruction
from services.desk.store import roots, slips
from services.desk.store.slips import Slip, SlipLine
from shared.platform.output_files import writing_file


@click.group()
def withdraw() -> None:
    """Commands to delete a document for good; two persons decide it, on a page."""


withdraw.add_command(on_page("withdraw ask", "Ask that a content be withdrawn"))
withdraw.add_command(on_page("withdraw confirm", "Confirm a withdrawal that another person asked"))


@click.group("legal-hold")
def legal_hold() -> None:
    """Commands about legal holds, as for a judge: place one on an item; lift it on a page."""


@legal_hold.command()
@CHRONO
@AS
@REASON
def place(chrono: str, who: str, reason: str) -> None:
    """Place a legal hold on the item: nothing of it may be destroyed."""
    about(who, chrono, PlaceHold(reason))


legal_hold.add_command(on_page("legal-hold lift", "Lift a legal hold, by two persons"))
leave_perimeter = on_page(
    "leave-perimeter", "Put an item out of the perimeter after its limit, by two persons"
)


@click.group(invoke_without_command=True)
@click.option("--due", is_flag=True, help="Show what may be destroyed.")
@click.pass_context
def destroy(context: click.Context, *, due: bool) -> None:
    """Show what is due for destruction, and the bordereaux; each step is done on a page."""
    if context.invoked_subcommand is None:
        if not due:
            raise click.UsageError("Say --due, or one of: list, print; the pages do the rest.")
        _show_due()


def _show_due() -> None:
    async def work(session: CommandSession) -> Sequence[Due]:
        return await destruction.all_due(session.connection, session.applied.site, session.today)

    found = run(work)
    for line in found:
        click.echo(
            f"{line.chrono:<18} {line.category:<24} ended {line.ended_on}, due {line.due_on}"
        )
    click.echo(
        f"{len(found)} items due (at most {destruction.MOST_LINES} are shown); those on an open"
        " bordereau are left out."
    )


@destroy.command("list")
def list_() -> None:
    """List the bordereaux d'élimination and the state of each."""

    async def work(session: CommandSession) -> Sequence[tuple[Slip, int]]:
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
    """Write a bordereau d'élimination as PDF, in its present state."""

    async def work(session: CommandSession) -> bytes:
        found = await destruction.lock_slip(session.connection, slip)
        lines: Sequence[SlipLine] = await slips.lines_of(session.connection, slip)
        root = await roots.last(session.connection)
        return destruction_list.print_slip(found, lines, root, session.applied.site)

    content = run(work)
    with writing_file(out):
        out.write_bytes(content)
    click.echo(f"{out} written.")


for _step, _does in (
    ("propose", "Establish a bordereau of all that is due"),
    ("visa", "Note the archivist's visa"),
    ("run", "Destroy what a bordereau names, by another person than its proposer"),
    ("drop", "Give a bordereau up"),
):
    destroy.add_command(on_page(f"destroy {_step}", _does))


@click.command()
@AS
def erase(who: str) -> None:
    """Delete again all content ever withdrawn or destroyed, after a backup was restored."""

    async def work(session: CommandSession) -> None:
        session.person(who)
        await deletions.all_again(session.connection)

    _, erased = run_with_pool(
        work,
        lambda pool, settings, now: deletions.erase(pool, settings.originals, now),
    )
    click.echo(f"{erased} folders are gone, whatever the backup had.")
