"""`desk archive`: transfers as they stand, and a package checked by the rules of SEDA 2.2."""

from pathlib import Path

import click

from services.desk.archive import package_check
from services.desk.archive.store import transfers
from services.desk.archive.store.transfers import ArchiveTransfer
from services.desk.commands.session import CommandSession, run


@click.group()
def archive() -> None:
    """Show the transfers to the archive, and check a package; each step is done on a page."""


@archive.command("list")
def list_() -> None:
    """List the transfers to the archive and the state of each."""

    async def work(session: CommandSession) -> list[tuple[ArchiveTransfer, int]]:
        return list(await transfers.every(session.connection))

    found = run(work)
    if not found:
        click.echo("No transfer yet.")
    for transfer, lines in found:
        click.echo(
            f"{transfer.transfer}  {lines} items, by {transfer.proposed_by}: {_stands(transfer)}"
        )


@archive.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--schema",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with seda-2.2-main.xsd and all files that it names.",
)
def check(file: Path, schema: Path | None) -> None:
    """Check an archive package by SEDA 2.2, its hashes and, where given, the XML schema."""
    wrong = package_check.wrong_in_package(file, schema)
    for sentence in wrong:
        click.echo(sentence)
    if wrong:
        raise click.ClickException(f"{file}: {len(wrong)} things are wrong.")
    by = "the rules of SEDA 2.2" if schema is None else f"the rules of SEDA 2.2 and {schema}"
    click.echo(f"{file} holds by {by}.")


def _stands(found: ArchiveTransfer) -> str:
    if found.dropped_at is not None:
        return "dropped"
    if found.accepted_at is not None:
        return "accepted by the archive"
    if found.refused_at is not None:
        return "refused by the archive"
    if found.packed_at is not None:
        return "its package was taken, waits for the reply"
    return f"visa {found.visa}" if found.visa else "waits for a visa"
