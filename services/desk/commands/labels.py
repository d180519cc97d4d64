"""`desk labels`: stickers whose numbers the register gives, so that none is printed twice."""

import re
from pathlib import Path

import click

from services.desk.commands.decision_options import WHO, take
from services.desk.commands.session import CommandSession
from services.desk.decider import Decider
from services.desk.rights import Right
from services.desk.store import print_queue
from shared.errors import Refused
from shared.platform.output_files import writing_file

_SPAN = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)


@click.command()
@WHO
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="PDF to write.")
@click.option("--count", type=click.IntRange(1), help="How many labels.")
@click.option("--skip", default=0, help="Places already used on the first page (0 to 47).")
@click.option("--printed", metavar="1-96", help="Numbers that `ingest labels` printed: taken too.")
def labels(who: str, out: Path | None, count: int | None, skip: int, printed: str | None) -> None:
    """Print stickers with the next numbers, or record which numbers were printed elsewhere."""
    if printed is not None and out is None and count is None:
        first, last = _span(printed)
        take(who, lambda session, by: _note(session, by, first, last), Right.SORT)
        click.echo(f"Labels {first} to {last} are taken: none of them will be printed again.")
        return
    if printed is not None or out is None or count is None:
        raise click.UsageError("Say either --out FILE --count N, or --printed FIRST-LAST.")
    first, pdf = take(who, lambda session, by: _print(session, by, count, skip), Right.SORT)
    with writing_file(out):
        out.write_bytes(pdf)
    last = first + count - 1
    click.echo(f"{out} written: labels {first} to {last}; print at full size, not fitted.")


def _span(text: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(text)
    first, last = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 0 < first <= last:
        raise click.UsageError("--printed takes the first and the last number, such as 1-96.")
    return first, last


async def _note(session: CommandSession, by: Decider, first: int, last: int) -> None:
    if not await print_queue.note_labels(
        session.connection, first, last, by.person.id, session.now
    ):
        raise Refused(f"Some of the labels {first} to {last} are known as printed already.")


async def _print(session: CommandSession, by: Decider, count: int, skip: int) -> tuple[int, bytes]:
    from shared.paper import sheets  # noqa: PLC0415  (30 MB that the other commands do not need)

    first = await print_queue.take_labels(session.connection, count, by.person.id, session.now)
    return first, sheets.label_sheets(
        session.applied.site.identity, first, count, session.keys, skip
    )
