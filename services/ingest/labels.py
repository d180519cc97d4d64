"""The commands that print: `vaguemestre ingest separators`, `labels` and `form`."""

import tempfile
from datetime import datetime
from pathlib import Path

import click
from pydantic import SecretStr

from shared.errors import Refused
from shared.paper import form as paper_form
from shared.paper.code_keys import CodeKeys
from shared.paper.code_settings import CodeSettings
from shared.platform.output_files import writing_file
from shared.platform.settings import load
from shared.site.load import load_folder
from shared.site.tables.identity import Identity

_SITE = click.option(
    "--site",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the site, such as deploy/site/indre.",
)
_OUT = click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="PDF to write; an existing one is replaced.",
)


class _Printing(CodeSettings):
    """Printing asks neither PostgreSQL nor Kafka."""

    database_url: SecretStr = SecretStr("")
    kafka: str = ""


@click.command()
@_SITE
@_OUT
@click.option(
    "--service", "chosen", multiple=True, help="Only this service (repeatable); else all of them."
)
@click.option(
    "--day",
    "days",
    multiple=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help="Sheets of these days instead (repeatable).",
)
def separators(
    folder: Path, out: Path, chosen: tuple[str, ...], days: tuple[datetime, ...]
) -> None:
    """Print the separator sheets that stand between two letters in the scanner.

    The generic sheet and one of each service, good for years once laminated; with --day, the sheet
    that heads the batch of a day. Each comes twice, for both sides of the paper.
    """
    from shared.paper import sheets  # noqa: PLC0415  (30 MB that the door does not need)

    site = load_folder(folder)
    if days:
        pdf = sheets.day_sheets(site.identity, [day.date() for day in days], _keys(site.identity))
    else:
        known = {service.id: service for service in site.services.services}
        if strangers := sorted(set(chosen) - known.keys()):
            raise Refused(
                f"services.yaml has no service {', '.join(strangers)}; "
                f"it has {', '.join(sorted(known))}."
            )
        services = [service for service in known.values() if not chosen or service.id in chosen]
        pdf = sheets.separator_sheets(site.identity, services, _keys(site.identity))
    _write(out, pdf)
    click.echo(f"{out} written: print it on both sides of the paper.")


@click.command()
@_SITE
@_OUT
@click.option("--from", "first", required=True, type=int, help="Number of the first label.")
@click.option("--count", required=True, type=int, help="How many labels.")
@click.option("--skip", default=0, help="Places already used on the first page (0 to 47).")
def labels(folder: Path, out: Path, first: int, count: int, skip: int) -> None:
    """Print numbered stickers for page one of a letter, 48 on an A4 (Avery L4736).

    A number must be printed only once: start after the last one printed.
    """
    from shared.paper import sheets  # noqa: PLC0415  (as above)

    identity = load_folder(folder).identity
    _write(out, sheets.label_sheets(identity, first, count, _keys(identity), skip))
    click.echo(
        f"{out} written: labels {first} to {first + count - 1}; print at full size, not fitted."
    )


@click.command()
@_SITE
@_OUT
def form(folder: Path, out: Path) -> None:
    """Print the public's paper form, to be copied and laid out at the counter.

    The form bears a code, so that in a pile of scans each form begins a letter of its own.
    """
    _write(out, paper_form.pdf(load_folder(folder).identity))
    click.echo(f"{out} written: print it on one side, at full size.")


def _keys(identity: Identity) -> CodeKeys:
    return load(_Printing).printing_keys(identity)


def _write(out: Path, pdf: bytes) -> None:
    """Replace the file at once: a printer never sees half of it."""
    with writing_file(out):
        with tempfile.NamedTemporaryFile(dir=out.parent, suffix=".pdf", delete=False) as partial:
            partial.write(pdf)
        path = Path(partial.name)
        path.chmod(0o644)
        path.replace(out)
