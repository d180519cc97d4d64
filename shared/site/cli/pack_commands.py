"""`vaguemestre site pack`: packs of rules and letters for many sites, made, looked at, unpacked."""

import os
from pathlib import Path

import click

from shared.site import packs
from shared.site.packs import Pack

_OUT = click.option("--out", required=True, type=click.Path(path_type=Path), help="A new file.")
_KEYS = click.option(
    "--key", "keys", multiple=True, required=True, help="A public key that is believed, base64."
)
_PACK = click.argument("pack", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group("pack")
def pack_commands() -> None:
    """Make and read signed packs: rules and letters that many sites lay below their own."""


@pack_commands.command()
@_OUT
def key(out: Path) -> None:
    """Make a key pair that signs packs: the private key into a new file, the public one printed.

    Sites write the public key into their pack.yaml. Whoever has the file speaks to all of them:
    keep it off the servers.
    """
    pem, public = packs.new_key()
    _write_new(out, pem.encode("ascii"), 0o600)
    click.echo(public)


@pack_commands.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--name", required=True, help="Of the pack, the same in all its versions.")
@click.option("--version", required=True, type=click.IntRange(min=1), help="Higher each time.")
@click.option(
    "--key",
    "pem",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The private key's file.",
)
@_OUT
def make(folder: Path, name: str, version: int, pem: Path, out: Path) -> None:
    """Sign the tables, templates and letters of FOLDER as one pack, into a new file."""
    octets = packs.make(folder, name, version, pem.read_bytes())
    _write_new(out, octets, 0o644)
    click.echo(f"{out}: {name} {version}, {len(octets)} octets")


@pack_commands.command()
@_PACK
@_KEYS
def show(pack: Path, keys: tuple[str, ...]) -> None:
    """Check who signed PACK, and list what it holds."""
    found = _read(pack, keys)
    click.echo(f"{found.name} {found.version}, signed by {found.key}\ndigest {found.digest}")
    for name, text in found.files.items():
        click.echo(f"    {name}  {len(text.splitlines())} lines")


@pack_commands.command()
@_PACK
@_KEYS
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A folder."
)
def letters(pack: Path, keys: tuple[str, ...], out: Path) -> None:
    """Write the standard letters of PACK into a folder, for `vaguemestre desk letters import`.

    A file that is there and differs is left as it is, and named.
    """
    found = _read(pack, keys)
    out.mkdir(parents=True, exist_ok=True)
    for name, text in found.files.items():
        if not name.startswith("letters/"):
            continue
        path = out / name.removeprefix("letters/")
        if path.exists() and path.read_text(encoding="utf-8") != text:
            click.echo(f"{path}: left as it is, the pack's differs")
            continue
        path.write_text(text, encoding="utf-8")
        click.echo(str(path))


def _read(pack: Path, keys: tuple[str, ...]) -> Pack:
    return packs.read(pack.read_bytes(), frozenset(keys))


def _write_new(path: Path, octets: bytes, mode: int) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(octets)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
