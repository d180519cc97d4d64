"""`vaguemestre keys`: the keys of encrypted files, in the folder of secrets that processes read.

A new key is first one that everybody can read with, and only then one that writes: what a process
wrote with it, another that was not restarted yet would have to wait for. The processes that open
files have the whole keyring; the portal, which only writes, has the public half of the key that
writes. A copy of the keyring stands beside the folder of secrets, to be carried elsewhere: with the
keys lost, so is all that they encrypted.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import click
from pydantic import SecretStr

from services.ops.secret_folder import place
from shared.content import at_rest, spool_files
from shared.content.encryption import ReadingKey
from shared.content.keyring import IN_CLEAR, Keyring
from shared.content.originals_settings import BucketSettings
from shared.errors import Refused, TemporaryFailure
from shared.platform import disk_space
from shared.platform.secret_files import read
from shared.platform.settings import load

READERS: Final = ("ingest", "keep", "serve", "notify", "owner", "drill", "rehearse")
"""Folders of secrets of whoever opens originals or deposits."""
_WRITER: Final = "portal"
_RING: Final = "KEYRING"
_PUBLIC: Final = "ENCRYPTION_KEY"
_COPY: Final = "keyring"
"""The copy that the guide has one carry elsewhere, beside the folder of secrets."""
_ADDRESS: Final = "DATABASE_URL"
"""A file that every process has, whose owner and mode the keyring is given."""
_PREFIX: Final = "VAGUEMESTRE_"
"""Of the names of files where a container mounts them: compose, Kubernetes."""
_FOLDER = click.option(
    "--folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Of all secrets, with a folder for each process.",
)


@click.group("keys")
def keys_commands() -> None:
    """Look after the keys of encrypted files."""


@keys_commands.command()
@click.argument("name")
@_FOLDER
def add(name: str, folder: Path) -> None:
    """Add a new key, such as 2027, to every process's keyring; nothing is written with it yet."""
    ring = keyring_of(folder)
    try:
        key = ReadingKey.new(name)
    except ValueError as error:
        raise Refused(f"{error}.") from None
    if name in ring.keys:
        raise Refused(f"There is a key {name} already: take another name, such as {name}b.")
    holders = write_keyring(folder, replace(ring, keys={**ring.keys, name: key}))
    click.echo(f"Key {key.writing.id} is in the keyring of {', '.join(holders)}.")
    click.echo(f"Carry a copy of {folder.parent / _COPY} elsewhere, never with the backups.")
    click.echo(f"Restart these processes; then `vaguemestre keys use {name}` lets it write.")


@keys_commands.command()
@click.argument("name", required=False)
@click.option("--none", "nothing", is_flag=True, help="From now on new files lie in clear.")
@_FOLDER
def use(name: str | None, folder: Path, *, nothing: bool) -> None:
    """Let a key write from now on, which everybody can read with already."""
    if nothing is (name is not None):
        raise Refused("Say the name of a key, or --none.")
    ring = keyring_of(folder)
    if name is not None and name not in ring.keys:
        raise Refused(f"There is no key {name}: it has {_names(ring)}.")
    current = None if name is None else ring.keys[name].writing
    holders = write_keyring(folder, replace(ring, current=current))
    said = "New files lie in clear" if current is None else f"Key {current.id} writes new files"
    here = [_WRITER] if (folder / _WRITER).exists() else []
    click.echo(f"{said} from the next start of {', '.join([*holders, *here])}.")
    if not here:
        carried = "none any more" if current is None else current.text
        click.echo(f"No {_WRITER} is here. Where it stands, give it VAGUEMESTRE_{_PUBLIC}:")
        click.echo(carried)


@keys_commands.command(name="list")
@_FOLDER
def show(folder: Path) -> None:
    """Say which keys the keyring has, and which one writes."""
    ring = keyring_of(folder)
    for key in ring.keys.values():
        writes = ring.current is not None and ring.current.id == key.writing.id
        click.echo(f"{key.writing.id}{'  writes' if writes else ''}")


@keys_commands.command()
@click.argument("name")
@click.option(
    "--blobs",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of originals: how many of them can then never be read again.",
)
@click.option(
    "--spool",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of deposits: none of them may need the key.",
)
@click.option("--yes", is_flag=True, help="Don't ask.")
@_FOLDER
def destroy(name: str, blobs: Path, spool: Path, folder: Path, *, yes: bool) -> None:
    """Remove a key for ever: what it encrypted can never be read again, backups included.

    Refused while a deposit needs it, which its sender has a number for: restart the portal first,
    everywhere, that it writes with the key of now.
    """
    ring = keyring_of(folder)
    if name not in ring.keys:
        raise Refused(f"There is no key {name}: it has {_names(ring)}.")
    if ring.current is not None and ring.current.name == name:
        raise Refused(f"Key {name} writes: let another one write first, by `keys use`.")
    key = ring.keys[name].writing.id
    _portal_is_current(folder, ring)
    _nothing_waits(spool, key)
    files = at_rest.files_at_rest(blobs, ring).keys.get(key, 0) + _in_bucket(ring, key)
    if not yes:
        click.confirm(
            f"{files} originals need key {key}. Was every process, and each portal, restarted"
            " since another key writes? Destroy it, and them, for ever?",
            abort=True,
            err=True,
        )
    left = {other: one for other, one in ring.keys.items() if other != name}
    write_keyring(folder, replace(ring, keys=left, destroyed=ring.destroyed | {key}))
    click.echo(f"Key {key} is destroyed here, and {files} originals with it.")
    click.echo("Destroy every other copy of the keyring that has it, and restart the processes.")


def _in_bucket(ring: Keyring, key: str) -> int:
    """How many objects need the key, where the variables of a bucket are set."""
    bucket = load(BucketSettings, database_url=SecretStr("no database is asked")).bucket_by(ring)
    if bucket is None:
        return 0
    from services.ops.blobs import bucket_keys  # noqa: PLC0415  (loaded only where there is a bucket)

    return asyncio.run(bucket_keys.count(bucket, ring)).keys.get(key, 0)


def _portal_is_current(folder: Path, ring: Keyring) -> None:
    public = _file(folder / _WRITER, _PUBLIC)
    found = read(_PUBLIC, public) if public.exists() else None
    current = None if ring.current is None else ring.current.text
    if public.parent.exists() and found != current:
        raise Refused(
            f"{public} is not the key that writes now: let it write by `keys use`, restart the"
            " portal, everywhere, and let ingest take in what waits."
        )


def _nothing_waits(spool: Path, key: str) -> None:
    try:
        paths = spool_files.files_needing(spool, key)
    except OSError as error:
        raise TemporaryFailure(f"{spool}: {disk_space.advice(error)}.") from error
    if paths:
        raise Refused(
            f"{len(paths)} files of deposits need key {key}, such as {paths[0]}: restart the"
            " portal, everywhere, let ingest take them in, and look at what it refused."
        )


def keyring_of(folder: Path) -> Keyring:
    """Reads the keyring that every process's folder has; an empty one before the first key.

    The copy above the folder is all that is left where the folder was made anew: nothing is written
    over a copy that has keys which no process has.

    Raises:
        Refused: processes have different ones, or others than the copy.
        SecretFileError: one can't be read.
    """
    aside = folder.parent / _COPY
    paths = [*folder.glob(f"*/{_RING}"), *folder.glob(f"*/{_PREFIX}{_RING}")]
    found = {path.parent.name: read(_RING, path) for path in sorted(paths)}
    if len(set(found.values())) > 1:
        raise Refused(
            f"The folders below {folder} have different keyrings ({', '.join(found)}): copy the"
            " one that has all keys into each."
        )
    ring = _parsed(next(iter(found.values())), folder) if found else IN_CLEAR
    copied = _parsed(read(_RING, aside), aside) if aside.exists() else IN_CLEAR
    away = copied.ids - ring.ids - ring.destroyed
    if away:
        raise Refused(
            f"{aside} has keys that no process has ({', '.join(sorted(away))}): copy it first into"
            f" the folder of each process as {_RING}."
        )
    return ring


def _parsed(text: str, place: Path) -> Keyring:
    try:
        return Keyring.parse(text)
    except ValueError as error:
        raise Refused(f"The keyring of {place} can't be read: {error}.") from None


def write_keyring(folder: Path, ring: Keyring) -> Sequence[str]:
    """Writes a keyring for every process that opens files, and the portal's public half.

    If no key of it encrypts new files any more, the portal's public half is removed. Returns
    the names of the processes that have the keyring.

    Raises Refused: no process opens files there, or others than their owner may read its
    secrets.
    """
    holders = [name for name in READERS if _file(folder / name, _ADDRESS).exists()]
    if not holders:
        raise Refused(f"No folder below {folder} is of a process that opens files.")
    like = _file(folder / holders[0], _ADDRESS)
    if like.stat().st_mode & 0o077:
        raise Refused(
            f"Others than its owner may read or write {like}, and the keyring would be as open:"
            " make the files of secrets 0400 first."
        )
    files: dict[Path, str] = {folder.parent / _COPY: ring.text}
    files |= {_file(folder / name, _RING): ring.text for name in holders}
    public = _file(folder / _WRITER, _PUBLIC)
    if public.parent.exists() and ring.current is not None:
        files[public] = ring.current.text  # last: who writes after those who read
    elif ring.current is None:
        public.unlink(missing_ok=True)
    place(files, like=like)
    return holders


def _file(holder: Path, variable: str) -> Path:
    """The file of a process's secret, named as those that it has."""
    prefix = _PREFIX if (holder / f"{_PREFIX}{_ADDRESS}").exists() else ""
    return holder / f"{prefix}{variable}"


def _names(ring: Keyring) -> str:
    return ", ".join(ring.keys) or "none"
