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
from services.desk.pages import rights
from services.desk.proof.sample import Sample
from services.desk.store import audits
from services.desk.store.audits import Doubtful
from shared.blobs import LocalBlobs
from shared.facts.envelope import PersonId

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

    Out of the perimeter (all that is now and was received or put out in the period; by whom or
    which rule, whether somebody stands for it, and whether it was late or at risk on that day),
    reclassified after a person had qualified it, receipts corrected, replies stated on a later day
    or dated before the receipt, closed without reply inside the perimeter, declared without proof
    or known by a typed number alone, dates of holding replies missed. By the day it was stated;
    what was undone is not there.
    """

    async def work(session: Session) -> Sequence[Doubtful]:
        seen = reader(session, who).seen
        return await auditing.review(session.connection, first, last, session.applied, seen)

    found = run(work)
    if out is None:
        for one in found:
            by, why = _who(one), one.reason or "-"
            stood = "".join(f"  {word.value}" for word in (one.sure, one.then) if word)
            click.echo(f"{one.doubt.value:<18} {one.chrono}  {one.day}  {by}  {why}{stood}")
    else:
        write_table(
            out,
            ("doubt", "chrono", "service", "day", "by", "reason", "account", "sure", "then"),
            ((*_told(one), one.account or "", one.sure or "", one.then or "") for one in found),
        )
    counts = Counter(one.doubt for one in found)
    click.echo(", ".join(f"{counts[one]} {one.value}" for one in audits.Doubt))
    out_of = [one for one in found if one.doubt is audits.Doubt.OUT_OF_PERIMETER]
    reasons = Counter(one.reason or "without reason" for one in out_of)
    if reasons:
        told = ", ".join(f"{n} {reason}" for reason, n in reasons.most_common())
        click.echo(f"out of the perimeter: {told}")


def _told(one: Doubtful) -> tuple[object, ...]:
    return one.doubt, one.chrono, one.service, one.day, one.by, one.reason or ""


def _who(one: Doubtful) -> str:
    who = one.by.removeprefix("person:") or "-"
    return who if one.account is None else f"{who} by shell ({one.account})"


@audit.command()
@FROM
@UNTIL
@click.option(
    "--as", "who", metavar="PERSON", required=True, help="Who may prove: the quality officer."
)
@click.option("--seed", required=True, help="A word or number that the auditor says.")
@click.option(
    "--each",
    default=3,
    show_default=True,
    type=click.IntRange(1, auditing.MOST_EACH),
    help="So many of each service and channel.",
)
@click.option("--to", "out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def draw(first: date, last: date, who: str, seed: str, each: int, out: Path) -> None:
    """Draw items received in a period, and write them as a ZIP with the proof of each.

    For who has the right to prove. The same list and seed draw the same items: the ZIP says how to
    do it again without us. What PERSON may not see is drawn by its number, masked.
    """

    async def work(session: Session) -> tuple[Sample, bytes]:
        person = PersonId(session.person(who).id)
        roles = rights.roles_of(person, session.applied.site, session.directory, session.today)
        drawn = await auditing.draw(session.connection, first, last, seed, each, roles)
        blobs = LocalBlobs(session.settings.blobs)
        return drawn, await auditing.packed(session.connection, blobs, drawn, session.now)

    drawn, content = run(work)
    with written(out):
        out.write_bytes(content)
    for one in drawn.drawn:
        kept = one.candidate
        click.echo(f"{kept.chrono}  {kept.service:<12} {kept.channel:<18} {kept.result}")
    beside = f"; {drawn.hidden} by their number alone" if drawn.hidden else ""
    click.echo(f"{len(drawn.drawn)} of {len(drawn.ranked)} items drawn into {out}{beside}.")
