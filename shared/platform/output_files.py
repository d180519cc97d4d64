"""The files that commands write where a person says: one sentence when the place takes none."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click


@contextmanager
def writing_file(out: Path) -> Iterator[None]:
    """A context manager for writing file `out`: turns an OSError into a ClickException."""
    try:
        yield
    except OSError as error:
        raise click.ClickException(f"{out} can't be written: {error.strerror}.") from error


def write_table(out: Path, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Writes rows as a CSV file with semicolons, UTF-8, and prints the file's name.

    Raises ClickException.
    """
    with writing_file(out), out.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file, delimiter=";", lineterminator="\n")
        lines.writerow(head)
        lines.writerows(rows)
    click.echo(f"{out} written.")
