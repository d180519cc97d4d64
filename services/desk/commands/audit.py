"""`desk audit`: what must be explained before an audit, and the draw of an auditor."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from services.desk.commands.decision_options import AS, DAY
from services.desk.commands.readers import READER, reader
from services.desk.commands.session import CommandSession, run
from services.desk.evidence import draws
from services.desk.evidence.domain.sampling import Wanted
from services.desk.evidence.proof.sample import Sample
from services.desk.evidence.store import audit_lists, audits
from services.desk.evidence.store.audit_lists import StatedList
from services.desk.evidence.store.audits import DoubtfulReply
from services.desk.roles import Roles, roles_of
from services.desk.store.quality import Author
from shared.facts.authors import by_person, person_of
from shared.facts.envelope import PersonId
from shared.facts.quality import DrawMode, ListFrozen
from shared.platform.output_files import write_table, writing_file
from shared.platform.shell import origin_here

FROM = click.option("--from", "first", type=DAY, required=True, help="First local day.")
UNTIL = click.option("--until", "last", type=DAY, required=True, help="Last local day.")


@click.group()
def audit() -> None:
    """Commands to prepare an audit, and to draw a random sample for the auditor."""


@audit.command()
@FROM
@UNTIL
@READER
@click.option("--csv", "out", type=click.Path(dir_okay=False, path_type=Path))
def review(first: date, last: date, who: str | None, out: Path | None) -> None:
    """List the decisions of a period that an auditor asks about first: who, when, why.

    Out of the perimeter (all that is now and was received or put out in the period; by whom or
    which rule, whether somebody stands for it, and whether it was late or at risk on that day),
    reclassified after a person had qualified it, receipts corrected, replies stated on a later day
    or dated before the receipt, closed without reply inside the perimeter, declared without proof
    or known by a typed number alone, dates of holding replies missed. By the day it was stated;
    what was undone is not there.
    """

    async def work(session: CommandSession) -> Sequence[DoubtfulReply]:
        seen = reader(session, who).seen
        return await draws.review(session.connection, first, last, session.applied, seen)

    found = run(work)
    if out is None:
        for entry in found:
            by, why = _who(entry), entry.reason or "-"
            stood = "".join(f"  {word.value}" for word in (entry.sure, entry.then) if word)
            click.echo(f"{entry.doubt.value:<18} {entry.chrono}  {entry.day}  {by}  {why}{stood}")
    else:
        write_table(
            out,
            ("doubt", "chrono", "service", "day", "by", "reason", "account", "sure", "then"),
            (
                (*_told(entry), entry.account or "", entry.sure or "", entry.then or "")
                for entry in found
            ),
        )
    counts = Counter(entry.doubt for entry in found)
    click.echo(", ".join(f"{counts[doubt]} {doubt.value}" for doubt in audits.AuditDoubt))
    out_of = [entry for entry in found if entry.doubt is audits.AuditDoubt.OUT_OF_PERIMETER]
    reasons = Counter(entry.reason or "without reason" for entry in out_of)
    if reasons:
        told = ", ".join(f"{n} {reason}" for reason, n in reasons.most_common())
        click.echo(f"out of the perimeter: {told}")


def _told(entry: DoubtfulReply) -> tuple[object, ...]:
    return entry.doubt, entry.chrono, entry.service, entry.day, entry.by, entry.reason or ""


def _who(entry: DoubtfulReply) -> str:
    who = person_of(entry.by) or entry.by or "-"
    return who if entry.account is None else f"{who} by shell ({entry.account})"


def _author(session: CommandSession, who: str) -> tuple[Author, Roles]:
    """Author of a command, with their roles. Raises Refused for nobody of the site."""
    person, site = PersonId(session.person(who).id), session.applied.site
    roles = roles_of(person, site, session.directory, session.today)
    return Author(site.identity.id, by_person(person), session.now, origin_here()), roles


@audit.command()
@FROM
@UNTIL
@AS
@click.option("--csv", "out", type=click.Path(dir_okay=False, path_type=Path))
def freeze(first: date, last: date, who: str, out: Path | None) -> None:
    """Freeze the list of items received in a period, to draw from; print number and digest.

    For who has the right to prove. The list is whole and never changes: the auditor is shown its
    digest, and only then says the seed.
    """

    async def work(session: CommandSession) -> tuple[int, str, int, str]:
        author, roles = _author(session, who)
        told = await draws.freeze_frame(session.connection, first, last, roles, author)
        content = (await draws.frame(session.connection, told.seq)).content
        return told.seq, told.sha256, told.n, content

    number, digest, lines, content = run(work)
    if out is not None:
        with writing_file(out):
            out.write_text(content, encoding="utf-8", newline="")
    click.echo(f"List {number}: {lines} items, sha256 {digest}")


@audit.command()
@click.argument("number", type=int, metavar="LIST")
@AS
@click.option("--seed", required=True, help="A word or number that the auditor says.")
@click.option(
    "--total", type=click.IntRange(1, draws.MOST_DRAWN), help="So many in all (10 means 10)."
)
@click.option(
    "--each", type=click.IntRange(1, draws.MOST_DRAWN), help="So many of each stratum at most."
)
@click.option("--to", "out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def draw(number: int, who: str, seed: str, total: int | None, each: int | None, out: Path) -> None:
    """Draw a random sample from a frozen LIST; write it as a ZIP with each item's proof.

    For who has the right to prove. The draw is kept, numbered and sealed; the ZIP says how to do it
    again without us. What is réservé is drawn by its number, masked.
    """
    if (total is None) == (each is None):
        raise click.UsageError("Give --total or --each.")
    mode = DrawMode.EACH if total is None else DrawMode.TOTAL
    wanted = Wanted(seed, mode, total or each or 0)

    async def work(session: CommandSession) -> tuple[Sample, bytes]:
        author, roles = _author(session, who)
        made = await draws.draw(session.connection, number, wanted, roles, author)
        blobs = session.settings.originals
        proofs = await draws.proofs_of(session.connection, made, session.now)
        return made, await draws.pack_draw(blobs, made, proofs, session.now)

    made, content = run(work)
    with writing_file(out):
        out.write_bytes(content)
    for ranked in made.drawn:
        click.echo(
            f"{ranked.candidate.chrono}  {ranked.candidate.stratum:<30} {ranked.candidate.result}"
        )
    beside = f"; {made.hidden_drawn} by their number alone" if made.hidden_drawn else ""
    click.echo(
        f"Draw {made.told.seq}: {len(made.drawn)} of {len(made.ranked)} items drawn into"
        f" {out}{beside}."
    )


@audit.command("list")
def list_() -> None:
    """List the frozen lists of items and the auditors' draws, the latest first."""

    async def work(session: CommandSession) -> Sequence[StatedList]:
        return await audit_lists.latest(session.connection, 1_000)

    for stated in run(work):
        what = "list" if isinstance(stated.fact, ListFrozen) else "draw"
        said = (
            f"{stated.fact.kind.value}, {stated.fact.n} lines, {stated.fact.sha256}"
            if isinstance(stated.fact, ListFrozen)
            else f"seed {stated.fact.seed!r}, {stated.fact.count} {stated.fact.mode.value}"
        )
        click.echo(
            f"{what} {stated.number}  {stated.at:%Y-%m-%d %H:%M}  {stated.by}"
            f"  {stated.fact.first} to {stated.fact.last}  {said}"
        )
