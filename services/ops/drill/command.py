"""`vaguemestre drill`: a backup taken, restored beside, compared, and removed.

Exit code 0 when it came back whole; 1 when something differs, is missing, or the drill was refused.
"""

import asyncio
from pathlib import Path
from typing import ClassVar

import click
import orjson
from pydantic import SecretStr

from services.ops.drill import summary
from services.ops.drill.exercise import DrillPlan, drill
from shared.content.originals_settings import OriginalsSettings
from shared.platform.settings import load

_FOLDER = click.Path(file_okay=False, path_type=Path)


class DrillSettings(OriginalsSettings):
    """The settings of the command `drill`: both databases, and the folders to copy."""

    role: ClassVar[str] = "owner"

    drill_database_url: SecretStr
    """An empty database that the drill restores into, and empties again."""
    spool: Path


@click.command("drill")
@click.option(
    "--folder", required=True, type=_FOLDER, help="Of the drill alone: the backup lies here."
)
@click.option("--site", type=_FOLDER, help="The folder of the site's rules, copied as well.")
@click.option(
    "--programs",
    type=_FOLDER,
    help="Where pg_dump and pg_restore of the server's version are, if not on the path.",
)
@click.option("--keep", is_flag=True, help="Leave the backup and the restored copy: they hold all.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def drill_command(
    folder: Path, site: Path | None, programs: Path | None, *, keep: bool, as_json: bool
) -> None:
    """Take a backup, restore it next to the register, and compare; say RPO and RTO.

    Nothing is sent, Kafka is told nothing, and nothing of the register is changed. Exit code 1 when
    the copy is not whole.
    """
    settings = load(DrillSettings)
    plan = DrillPlan(
        live=settings.database_url,
        side=settings.drill_database_url,
        folder=folder,
        blobs=settings.blobs,
        spool=settings.spool,
        keyring=settings.keys,
        bucket=settings.bucket_blobs,
        site=site,
        programs=programs,
    )
    result = asyncio.run(drill(plan, keep=keep))
    if as_json:
        click.echo(orjson.dumps(summary.document(result)).decode())
    else:
        for line in summary.lines(result):
            click.echo(line)
    if not result.holds:
        raise SystemExit(1)
