"""`vaguemestre blobs`: the folder of originals, looked after.

Needs:  VAGUEMESTRE_DATABASE_URL of the database's owner, VAGUEMESTRE_BLOBS; VAGUEMESTRE_KEYRING
        where originals are encrypted, VAGUEMESTRE_BUCKET and its others where there is a bucket
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import click
import orjson

from services.ops.blobs import inventory, turnover
from services.ops.blobs.inventory import Inventory
from shared.content import at_rest
from shared.content.originals_settings import OriginalsSettings
from shared.errors import Refused
from shared.platform.database import connect_alone
from shared.platform.disk_space import MEGA
from shared.platform.settings import load

if TYPE_CHECKING:
    from services.ops.blobs.move import BlobMove
    from shared.content.bucket import BucketBlobs

_SHOWN = 20


class BlobSettings(OriginalsSettings):
    """The settings of `vaguemestre blobs`: access to the database as its owner, folder and keys."""

    role: ClassVar[str] = "owner"


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
    settings = load(BlobSettings)
    found = asyncio.run(_taken(settings))
    if as_json:
        click.echo(orjson.dumps(_document(found)).decode())
    else:
        _say(found)
    if not remove or not found.orphans:
        raise SystemExit(0 if found.agrees else 1)
    if not yes:
        click.confirm(f"Remove these {len(found.orphans)} files for ever?", abort=True, err=True)
    removed = asyncio.run(settings.files_in(settings.blobs).remove(found.orphans))
    click.echo(f"{removed} files removed.", err=as_json)
    if found.away:
        raise SystemExit(1)


@blobs_commands.command()
@click.option(
    "--rewrap", is_flag=True, help="Also put files of other keys under the one that writes."
)
def encrypt(*, rewrap: bool) -> None:
    """Encrypt the originals that lie in clear, while everything runs; exit code 1 if some stay so.

    It may be ended or killed at any moment and started again. What is damaged stays as it is, and
    is named; so is what a killed write left in clear, which `blobs check --remove` removes.
    """
    settings = load(BlobSettings)
    found = turnover.encrypt(settings.blobs, settings.keys, _progress, rewrap=rewrap)
    if (bucket := settings.bucket_blobs) is not None:
        from services.ops.blobs import bucket_keys  # noqa: PLC0415  (loaded only where there is a bucket)

        there = bucket_keys.encrypt(bucket, settings.keys, _progress, renew=rewrap)
        found = found.together(asyncio.run(there))
    _list("damaged, left as it is", found.damaged)
    _list("left in clear by a killed write", found.remains)
    click.echo(
        f"{found.encrypted} files encrypted, {found.rewrapped} put under key {found.key},"
        f" {found.before} were so already."
    )
    if found.damaged or found.remains:
        raise SystemExit(1)


@blobs_commands.command(name="move")
@click.option(
    "--remove", is_flag=True, help="Remove each file of the folder once its copy was read back."
)
def move_command(*, remove: bool) -> None:
    """Copy the originals of the folder into the bucket, while everything runs; verify each copy.

    It may be ended or killed at any moment and started again. What is damaged, or encrypted with a
    key that was destroyed, stays in the folder and is named: exit code 1.
    """
    settings = load(BlobSettings)
    if settings.bucket_blobs is None:
        raise Refused("VAGUEMESTRE_BUCKET is not set: there is no bucket to move originals into.")
    found = asyncio.run(_moved(settings, settings.bucket_blobs, remove=remove))
    _list("left in the folder", found.left)
    click.echo(
        f"{found.copied} files copied and read back, {found.before} were there already,"
        f" {found.removed} removed from the folder."
    )
    if found.left:
        raise SystemExit(1)


@blobs_commands.command(name="keys")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def key_use(*, as_json: bool) -> None:
    """Say how many originals lie in clear, and how many need which key."""
    settings = load(BlobSettings)
    found = at_rest.files_at_rest(settings.blobs, settings.keys)
    if (bucket := settings.bucket_blobs) is not None:
        from services.ops.blobs import bucket_keys  # noqa: PLC0415  (loaded only where there is a bucket)

        found = found.together(asyncio.run(bucket_keys.count(bucket, settings.keys)))
    if as_json:
        document = {"clear": found.clear, "keys": dict(found.keys), "remains": found.remains}
        click.echo(orjson.dumps(document).decode())
        return
    for key, files in sorted(found.keys.items()):
        gone = "destroyed" if key in settings.keys.destroyed else "not in the keyring"
        here = "" if key in settings.keys.ids else f", a key that is {gone}"
        click.echo(f"{key}: {files} files{here}")
    click.echo(f"in clear: {found.clear} files")
    if found.remains:
        click.echo(
            f"left in clear by killed writes: {found.remains} files"
            " (`blobs check --remove` removes them)"
        )


def _progress(done: int) -> None:
    click.echo(f"{done} files looked at …", err=True)


async def _taken(settings: BlobSettings) -> Inventory:
    connection = await connect_alone(settings.database_url, "blobs", seconds=None)
    try:
        now = await connection.fetchval("SELECT clock_timestamp()")
        return await inventory.take(connection, settings.files_in(settings.blobs), now)
    finally:
        await connection.close()


async def _moved(settings: BlobSettings, bucket: "BucketBlobs", *, remove: bool) -> "BlobMove":
    from services.ops.blobs.move import move  # noqa: PLC0415  (loaded only where there is a bucket)

    connection = await connect_alone(settings.database_url, "blobs move", seconds=None)
    try:
        keys = settings.keys
        return await move(connection, settings.blobs, bucket, keys, _progress, remove=remove)
    finally:
        await connection.close()


def _say(found: Inventory) -> None:
    for title, names in (
        ("no row names", found.orphans),
        ("away", found.away),
    ):
        _list(title, names, " --json has all.")
    click.echo(
        f"{found.files} files ({found.octets / MEGA:.1f} MB), {found.named} named by rows: "
        f"{len(found.orphans)} that no row names ({found.orphan_octets / MEGA:.1f} MB), "
        f"{len(found.away)} away."
    )


def _list(title: str, names: Sequence[str], more: str = "") -> None:
    for name in names[:_SHOWN]:
        click.echo(f"{title}: {name}")
    if len(names) > _SHOWN:
        click.echo(
            f"{title}: … and {len(names) - _SHOWN} more;{more}"
            if more
            else f"{title}: … and {len(names) - _SHOWN} more."
        )


def _document(found: Inventory) -> dict[str, object]:
    return {
        "files": found.files,
        "octets": found.octets,
        "named": found.named,
        "orphans": list(found.orphans),
        "orphan_octets": found.orphan_octets,
        "away": list(found.away),
    }
