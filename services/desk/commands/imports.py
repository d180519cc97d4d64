"""Taking over what another register holds."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from services.desk.commands.decision_options import WHO, has
from services.desk.commands.session import PATIENCE, CommandSession, run
from services.desk.migration import importer
from services.desk.migration.importer import ImportAuthor, ImportPlan
from services.desk.migration.spreadsheet import column_map, grid
from services.desk.migration.spreadsheet.column_map import Mapped
from services.desk.migration.spreadsheet.grid import Grid
from services.desk.rights import Right
from services.desk.settings import DeskSettings
from shared.facts.envelope import PersonId, Shell
from shared.facts.origin import IMPORT
from shared.platform.database import open_pool
from shared.platform.settings import load
from shared.platform.shell import account

MOST_SHOWN = 50
EXAMPLES = 3


@click.command("import")
@click.argument(
    "path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@WHO
@click.option("--apply", "applies", is_flag=True, help="Without it nothing is taken, only shown.")
@click.option(
    "--next-chrono",
    type=click.IntRange(1, 999_999_999),
    help="First number of this year's arrivals that this register gives.",
)
def import_(path: Path, who: str, next_chrono: int | None, *, applies: bool) -> None:
    """Import open items and history of another register from a spreadsheet (.xlsx, .ods, .csv).

    Which column says what is guessed from the titles and kept in FILE.mapping.yaml: correct it
    there and start again. Without --apply nothing is taken. Started again, it goes on where it
    stopped; a line is taken once.
    """
    beside = path.with_name(f"{path.name}.mapping.yaml")
    table = grid.read(path.name, path.read_bytes())
    mapped = _mapping(beside, table)

    async def work(session: CommandSession) -> tuple[CommandSession, ImportPlan]:
        site = (session.applied, session.directory)
        has(session, who, Right.SORT)
        return session, await importer.plan(
            session.connection, table, mapped, site, session.now, next_chrono
        )

    session, found = run(work)
    for text in _shown(beside, mapped, found):
        click.echo(text)
    if not applies:
        click.echo("Nothing was taken: add --apply.")
        return
    asyncio.run(_take(load(DeskSettings), session, found, PersonId(who)))
    click.echo(f"Taken: {len(found.open)} open items, {len(found.past)} past lines.")


def _mapping(beside: Path, table: Grid) -> Mapped:
    """Column mapping saved beside the file, else a guess that is saved now."""
    if beside.exists():
        return column_map.load_map(beside.read_text(encoding="utf-8"))
    mapped = column_map.guess(table.titles)
    beside.write_text(column_map.write_map(mapped), encoding="utf-8")
    return mapped


async def _take(
    settings: DeskSettings, session: CommandSession, found: ImportPlan, who: PersonId
) -> None:
    pool = await open_pool(settings.database_url, "desk import", size=2, wait=PATIENCE)
    try:
        taken_over = replace(IMPORT, shell=Shell(account=account()))
        by = ImportAuthor(who, session.now, session.applied, settings.site_keys, taken_over)
        await importer.take(pool, settings.originals, found, by)
    finally:
        await pool.close()


def _shown(beside: Path, mapped: Mapped, found: ImportPlan) -> Iterator[str]:
    yield f"Columns ({beside.name}):"
    for title, what in mapped.columns.items():
        yield f"  {title:<32} {what or '(left out)'}"
    for line in [*found.open, *found.past][:EXAMPLES]:
        state = "past" if line.closed else line.chrono or "new number"
        yield f"  line {line.number}: {state}, {line.received}, {line.service}, {line.category}"
    for refusal in found.refusals[:MOST_SHOWN]:
        yield f"Line {refusal.number} refused: {refusal.why}"
    if len(found.refusals) > MOST_SHOWN:
        yield f"… and {len(found.refusals) - MOST_SHOWN} more."
    yield (
        f"{len(found.open)} open items, {len(found.past)} past lines,"
        f" {found.known} taken before, {len(found.refusals)} refused."
        f" Next number of this year: {found.next_number}."
    )
