"""`desk audit`: what must be explained before an audit, and the draw of an auditor."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from services.desk import auditing
from services.desk.commands.deciding import DAY
from services.desk.commands.finding import READER, reader
from services.desk.commands.session import Session, run
from services.desk.commands.writing import write_table, written
from services.desk.proof.sample import Sample
from services.desk.store import audits
from services.desk.store.audits import Doubtful
from shared.blobs import LocalBlobs

FROM = click.option("--from", "first", type=DAY, required=True, help="First local day.")
UNTIL = click.option("--until", "last", type=DAY, required=True, help="Last local day.")


@click.group()
def audit() -> None:
    """Before an audit, and during it."""


@audit.command()
@FROM
@UNTIL
@READER
@click.option("--csv", "out", type=click.Path(dir_okay=False, path_type=Path))
def review(first: date, last: date, who: str | None, out: Path | None) -> None:
    """List what an auditor asks about first: who did it, when, and the reason they gave.

    Put out of the perimeter, reclassified after a person had qualified it, receipts corrected,
    replies stated on a later day, closed without reply, declared without proof, dates of holding
    replies missed. By the day it was stated; what was undone is not there.
    """

    async def work(session: Session) -> Sequence[Doubtful]:
        seen = reader(session, who).seen
        zone = session.applied.site.zone
        return await audits.doubts(session.connection, first, last, zone, seen)

    found = run(work)
    if out is None:
        for one in found:
            by, why = _who(one), one.reason or "-"
            click.echo(f"{one.doubt.value:<18} {one.chrono}  {one.day}  {by}  {why}")
    else:
        write_table(
            out,
            ("doubt", "chrono", "service", "day", "by", "reason", "account"),
            ((*_told(one), one.account or "") for one in found),
        )
    counts = Counter(one.doubt for one in found)
    click.echo(", ".join(f"{counts[one]} {one.value}" for one in audits.Doubt))


def _told(one: Doubtful) -> tuple[object, ...]:
    return one.doubt, one.chrono, one.service, one.day, one.by, one.reason or ""


def _who(one: Doubtful) -> str:
    who = one.by.removeprefix("person:") or "-"
    return who if one.account is None else f"{who} by shell ({one.account})"


@audit.command()
@FROM
@UNTIL
@READER
@click.option("--seed", required=True, help="A word or number that the auditor says.")
@click.option(
    "--each",
    default=3,
    show_default=True,
    type=click.IntRange(1, auditing.MOST_EACH),
    help="So many of each service and channel.",
)
@click.option("--to", "out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def draw(first: date, last: date, who: str | None, seed: str, each: int, out: Path) -> None:
    """Draw items received in a period, and write them as a ZIP with the proof of each.

    The same list and seed draw the same items: the ZIP says how to do it again without us.
    """

    async def work(session: Session) -> tuple[Sample, bytes]:
        seen = reader(session, who).seen
        drawn = await auditing.draw(session.connection, first, last, seed, each, seen)
        blobs = LocalBlobs(session.settings.blobs)
        return drawn, await auditing.packed(session.connection, blobs, drawn, session.now)

    drawn, content = run(work)
    with written(out):
        out.write_bytes(content)
    for one in drawn.drawn:
        kept = one.candidate
        click.echo(f"{kept.chrono}  {kept.service:<12} {kept.channel:<18} {kept.result}")
    beside = f"; {drawn.hidden} réservés left out" if drawn.hidden else ""
    click.echo(f"{len(drawn.drawn)} of {len(drawn.ranked)} items drawn into {out}{beside}.")
