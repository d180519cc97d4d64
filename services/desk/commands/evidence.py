"""`desk evidence`: check the chains and the roots, hand out the proof of an item."""

from datetime import date, datetime
from pathlib import Path
from typing import Final

import click
import orjson

from services.desk.commands.decision_options import DAY
from services.desk.commands.session import CommandSession, run, run_and_then
from services.desk.domain.replan import Replan
from services.desk.domain.roots import Root
from services.desk.evidence import service
from services.desk.evidence.proof import archive, documents
from services.desk.evidence.seals import seal, state
from services.desk.evidence.service import EvidenceVerdict
from services.desk.evidence.store import roots
from services.desk.evidence.verification.ground import WHOLE_STORE, VerificationContext
from services.desk.evidence.verification.registry import Report
from services.desk.evidence.verification.registry import verify as verify_all
from services.desk.jobs import Replanning
from services.desk.settings import DeskSettings
from services.desk.store import fact_history, item_numbers
from shared.facts.envelope import ItemId
from shared.platform.database import Pool
from shared.platform.output_files import writing_file
from shared.site.tables.bundle import AppliedSite

PATIENCE: Final = 2.0
"""Seconds after which what differs is looked at again."""


@click.group()
def evidence() -> None:
    """Commands about the evidence: the proof that nothing of the past was changed."""


@evidence.command()
@click.argument("chrono", required=False)
@click.option("--all", "everything", is_flag=True, help="Every chain and every root.")
@click.option("--root", "day", type=DAY, help="The roots of a local day.")
@click.option(
    "--expect",
    metavar="ROOT",
    help="A root as a mail has it, or its sixteen signs on paper; --root may be left out.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
def verify(
    replanning: Replanning | None,
    chrono: str | None,
    day: date | None,
    expect: str | None,
    *,
    everything: bool,
    as_json: bool,
) -> None:
    """Verify the evidence and list what differs; exit code 1 when something does.

    With --all every item is folded from its facts again, every clock planned, every sum counted,
    every closed month and every document compared.
    """
    of_root = day is not None or expect is not None
    if sum((chrono is not None, everything, of_root)) != 1:
        raise click.UsageError("Give a CHRONO, or --all, or --root DAY, or --expect ROOT.")

    if everything:
        _all(replanning, as_json=as_json)
        return

    async def work(session: CommandSession) -> EvidenceVerdict:
        if chrono is not None:
            return await _of_item(session, await session.item(chrono))
        site = session.applied.site.identity.id
        return await service.of_root(session.connection, site, day, expect)

    found = run(work)
    if as_json:
        document = {"checked": found.checked, "differences": list(found.differences)}
        click.echo(orjson.dumps(document).decode())
    else:
        for sentence in found.differences:
            click.echo(sentence)
        click.echo(f"{found.checked}: {'all holds' if found.holds else 'something differs'}.")
    if not found.holds:
        raise SystemExit(1)


async def _of_item(session: CommandSession, item_id: ItemId) -> EvidenceVerdict:
    facts = (await fact_history.of_items(session.connection, [item_id])).get(item_id, ())
    named = await documents.named_documents(session.connection, item_id, facts)
    read = await documents.read(session.settings.originals, named)
    return service.with_documents(await service.of_item(session.connection, item_id), read)


def _all(replanning: Replanning | None, *, as_json: bool) -> None:
    if replanning is None:
        raise click.UsageError("Run it as `vaguemestre desk evidence verify --all`.")

    async def work(session: CommandSession) -> tuple[Replan, AppliedSite]:
        return await replanning(session.connection), session.applied

    async def after(
        found: tuple[Replan, AppliedSite], pool: Pool, settings: DeskSettings, now: datetime
    ) -> Report:
        replan, applied = found
        kafka = (settings.broker, settings.prefix) if settings.kafka else None
        blobs = settings.originals
        return await verify_all(
            VerificationContext(pool, applied, replan, blobs, WHOLE_STORE, now, kafka, PATIENCE)
        )

    report = run_and_then(work, after)
    if as_json:
        click.echo(orjson.dumps(_document(report)).decode())
    else:
        for sentence in [*map(str, report.differences), *report.said]:
            click.echo(sentence)
        if len(report.differences) < report.differ:
            click.echo(f"… and {report.differ - len(report.differences)} more.")
        click.echo(f"{report.line}.")
        click.echo(f"{_checked(report)}: {'all holds' if report.holds else 'something differs'}.")
    if not report.holds:
        raise SystemExit(1)


def _checked(report: Report) -> str:
    names = ("documents", "months", "chains", "roots")
    return ", ".join(f"{report.checked.get(name, 0)} {name}" for name in names)


def _document(report: Report) -> dict[str, object]:
    return {
        "checked": _checked(report),
        "items": report.items,
        "clocks": report.clocks,
        "differ": report.differ,
        "differences": [str(difference) for difference in report.differences],
        "said": list(report.said),
    }


@evidence.command()
@click.argument("chrono")
@click.option("--to", "out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def export(chrono: str, out: Path) -> None:
    """Write the proof of an item as a ZIP: facts, hashes, roots, how to check them without us."""

    async def work(session: CommandSession) -> bytes:
        item_id = await session.item(chrono)
        kept = await item_numbers.chrono_of(session.connection, item_id)
        blobs = session.settings.originals
        known = await archive.gather(session.connection, kept, item_id, session.now)
        return archive.zip_proof(await archive.with_documents(known, blobs))

    content = run(work)
    with writing_file(out):
        out.write_bytes(content)
    click.echo(f"{out} written: unpack it and run `python3 verifier.py`.")


@evidence.command("seal")
def seal_() -> None:
    """Seal the evidence chains that grew, as `desk keep` does each night and hour of work."""

    async def work(session: CommandSession) -> Root | None:
        return await seal(session.connection, session.applied, session.now)

    async def after(session: CommandSession) -> None:
        if root is not None:
            await state(session.connection, session.applied, root, session.now)

    root = run(work)
    if root is None:
        click.echo("Sealed already: the next root comes with the next hour of work, or the night.")
    else:
        click.echo(_line(root))
        run(after)


@evidence.command("roots")
@click.option("--last", default=31, show_default=True, type=click.IntRange(1, 100_000))
def roots_(last: int) -> None:
    """List the roots (seals) of the evidence, newest last."""

    async def work(session: CommandSession) -> list[Root]:
        return list(await roots.every(session.connection))[-last:]

    for verification in run(work):
        click.echo(_line(verification))


def _line(root: Root) -> str:
    return f"{root.day}  {root.root}  {root.chains} chains"
