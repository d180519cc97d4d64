"""`vaguemestre blobs`: the folder of originals, looked after.

Needs:  VAGUEMESTRE_DATABASE_URL of the database's owner, VAGUEMESTRE_BLOBS
"""

import asyncio
from pathlib import Path
from typing import ClassVar

import click
import orjson

from services.ops.blobs import inventory
from services.ops.blobs.inventory import Inventory
from shared.errors import VaguemestreError
from shared.platform.database import connect_alone
from shared.platform.disk_space import MEGA
from shared.platform.settings import ProcessSettings, load

_SHOWN = 20


class BlobSettings(ProcessSettings):
    """The settings of `vaguemestre blobs`: access to the database as its owner, and the folder."""

    role: ClassVar[str] = "owner"

    blobs: Path


@click.group("blobs")
def blobs_commands() -> None:
    """Look after the folder of originals."""


@blobs_commands.command()
@click.option("--remove", is_flag=True, help="Remove the files that no row names, for ever.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document, with every name.")
def check(*, remove: bool, yes: bool, as_json: bool) -> None:
    """Find files that no row names, and rows whose file is away; exit code 1 if there are any.

    A file is not counted in its first day. Nothing is removed without --remove.
    """
    try:
        settings = load(BlobSettings)
        found = asyncio.run(_taken(settings))
        if as_json:
            click.echo(orjson.dumps(_document(found)).decode())
        else:
            _say(found)
        if not remove or not found.orphans:
            raise SystemExit(0 if found.agrees else 1)
        if not yes:
            click.confirm(
                f"Remove these {len(found.orphans)} files for ever?", abort=True, err=True
            )
        removed = inventory.remove(settings.blobs, found.orphans)
    except VaguemestreError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{removed} files removed.", err=as_json)
    if found.away:
        raise SystemExit(1)


async def _taken(settings: BlobSettings) -> Inventory:
    connection = await connect_alone(settings.database_url, "blobs", seconds=None)
    try:
        now = await connection.fetchval("SELECT clock_timestamp()")
        return await inventory.take(connection, settings.blobs, now)
    finally:
        await connection.close()


def _say(found: Inventory) -> None:
    for title, names in (
        ("no row names", [str(path) for path in found.orphans]),
        ("away", found.away),
    ):
        for name in names[:_SHOWN]:
            click.echo(f"{title}: {name}")
        if len(names) > _SHOWN:
            click.echo(f"{title}: … and {len(names) - _SHOWN} more; --json has all.")
    click.echo(
        f"{found.files} files ({found.octets / MEGA:.1f} MB), {found.named} named by rows: "
        f"{len(found.orphans)} that no row names ({found.orphan_octets / MEGA:.1f} MB), "
        f"{len(found.away)} away."
    )


def _document(found: Inventory) -> dict[str, object]:
    return {
        "files": found.files,
        "octets": found.octets,
        "named": found.named,
        "orphans": [str(path) for path in found.orphans],
        "orphan_octets": found.orphan_octets,
        "away": list(found.away),
    }
