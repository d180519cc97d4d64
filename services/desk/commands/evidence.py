"""`desk evidence`: check the chains and the roots, hand out the proof of an item."""

from datetime import date
from pathlib import Path

import click
import orjson

from services.desk import proving
from services.desk.commands.deciding import DAY
from services.desk.commands.session import Session, run
from services.desk.commands.writing import written
from services.desk.domain.roots import Root
from services.desk.proof import archive
from services.desk.proving import Verdict
from services.desk.sealing import seal
from services.desk.store import items, roots
from shared.blobs import LocalBlobs


@click.group()
def evidence() -> None:
    """The proof that nothing of the past was changed."""


@evidence.command()
@click.argument("chrono", required=False)
@click.option("--all", "everything", is_flag=True, help="Every chain and every root.")
@click.option("--root", "day", type=DAY, help="One night, by the local day that had ended.")
@click.option("--expect", help="With --root: the root as a mail to the quality officer has it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def verify(
    chrono: str | None, day: date | None, expect: str | None, *, everything: bool, as_json: bool
) -> None:
    """Say what differs; exit code 1 when something does."""
    if sum((chrono is not None, everything, day is not None)) != 1:
        raise click.UsageError("Give a CHRONO, or --all, or --root DAY.")

    async def work(session: Session) -> Verdict:
        site = session.applied.site.identity.id
        if chrono is not None:
            return await proving.of_item(session.connection, await session.item(chrono))
        if day is not None:
            return await proving.of_root(session.connection, site, day, expect)
        return await proving.of_all(session.connection, site)

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


@evidence.command()
@click.argument("chrono")
@click.option("--to", "out", required=True, type=click.Path(dir_okay=False, path_type=Path))
def export(chrono: str, out: Path) -> None:
    """Write the proof of an item as a ZIP: facts, hashes, roots, how to check them without us."""

    async def work(session: Session) -> bytes:
        item_id = await session.item(chrono)
        kept = await items.chrono_of(session.connection, item_id)
        blobs = LocalBlobs(session.settings.blobs)
        return archive.zipped(
            await archive.gather(session.connection, blobs, kept, item_id, session.now)
        )

    content = run(work)
    with written(out):
        out.write_bytes(content)
    click.echo(f"{out} written: unpack it and run `python3 verifier.py`.")


@evidence.command("seal")
def seal_() -> None:
    """Seal the day that ended last, as `desk keep` does each night."""

    async def work(session: Session) -> Root | None:
        return await seal(session.connection, session.applied, session.now)

    root = run(work)
    if root is None:
        click.echo("Sealed already: the next root comes when this day has ended.")
    else:
        click.echo(f"{root.day}  {root.root}  {root.chains} chains")


@evidence.command("roots")
@click.option("--last", default=31, show_default=True, type=click.IntRange(1, 100_000))
def roots_(last: int) -> None:
    """The roots, newest last."""

    async def work(session: Session) -> list[Root]:
        return list(await roots.every(session.connection))[-last:]

    for one in run(work):
        click.echo(f"{one.day}  {one.root}  {one.chains} chains")
