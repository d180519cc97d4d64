"""A list into a file."""

from pathlib import Path
from typing import Any

import click

from services.desk.columns import Tongue
from services.desk.commands.search import filters, question
from services.desk.commands.session import CommandSession, run
from services.desk.exports import lists
from services.desk.search.store import search
from shared.platform.output_files import writing_file


@click.command()
@click.argument("words", nargs=-1)
@click.option(
    "--to",
    "path",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file named .xlsx, .ods or .csv; one that is there is replaced.",
)
@filters
def export(words: tuple[str, ...], path: Path, who: str | None, **asked: Any) -> None:
    """Export a list of items to a file: those that pass the filters, or that WORDS find.

    Without --as, an item that is réservé is a line without sender and subject.
    """

    async def work(session: CommandSession) -> int:
        asked_for = question(session, who, " ".join(words).strip(), asked, outlines=True)
        hits = search.all_found(session.connection, asked_for)
        tongue = Tongue.of(session.applied, session.directory, session.now)
        return await lists.write(part, hits, tongue, None)

    part = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        with writing_file(path):
            count = run(work)
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    click.echo(f"{count} items written to {path}.")
