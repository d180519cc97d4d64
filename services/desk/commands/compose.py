"""Composing from a standard letter: see it, send it, or take it as a document."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from services.desk.commands.decision_options import AS, CHRONO, take
from services.desk.commands.session import CommandSession
from services.desk.decider import Decider
from services.desk.letters.composer import ComposedLetter, matter
from services.desk.letters.composer import compose as compose_letter
from services.desk.letters.dispatch import send
from services.desk.letters.letter_document import take as take_document
from services.desk.letters.library import in_use
from shared.facts.vocabulary import Way
from shared.platform.output_files import writing_file


@dataclass(frozen=True, slots=True)
class Made:
    """The result of composing a letter: text for the terminal, and the file to write."""

    said: str
    complete: bool = True
    octets: bytes = b""


@click.command()
@CHRONO
@click.argument("letter")
@AS
@click.option("--set", "said", multiple=True, metavar="FIELD=VALUE", help="Say what it asks.")
@click.option("--send", "sends", is_flag=True, help="Have it sent by mail, as it is shown.")
@click.option("--pdf", type=click.Path(path_type=Path, dir_okay=False), help="Write it here.")
@click.option("--odt", type=click.Path(path_type=Path, dir_okay=False), help="Write it here.")
def compose(
    chrono: str,
    letter: str,
    who: str,
    said: tuple[str, ...],
    *,
    sends: bool,
    pdf: Path | None,
    odt: Path | None,
) -> None:
    """Compose the answer to item CHRONO from a standard LETTER; by default only show it.

    With --send, --pdf or --odt it leaves or is written. Signed by PERSON. A field said several
    times has several lines, such as the pieces asked for.
    """
    if sum((sends, pdf is not None, odt is not None)) > 1:
        raise click.UsageError("Choose one of --send, --pdf and --odt.")
    asked = _asked(said)

    async def decision(session: CommandSession, by: Decider) -> Made:
        blobs = session.settings.originals
        about = await matter(by, await session.item(chrono), blobs)
        version = await in_use(session.connection, letter, about.item.service, session.applied.site)
        if sends:
            item = await send(by, compose_letter(version, about, asked, Way.MAIL), blobs)
            return Made(f"{item.chrono}: {version.name} leaves by mail.")
        if pdf is None and odt is None:
            shown = compose_letter(version, about, asked, Way.MAIL)
            return Made("\n".join(_shown(shown)), shown.complete)
        paper = compose_letter(version, about, asked, Way.PAPER)
        how: Literal["pdf", "odt"] = "pdf" if pdf is not None else "odt"
        octets = await take_document(by, paper, how, session.keys)
        return Made(f"{about.item.chrono}: {version.name} written to {pdf or odt}.", octets=octets)

    made = take(who, decision)
    if path := pdf or odt:
        with writing_file(path):
            path.write_bytes(made.octets)
    click.echo(made.said)
    if not made.complete:
        raise SystemExit(1)


def _asked(said: tuple[str, ...]) -> Mapping[str, str]:
    asked: dict[str, str] = {}
    for pair in said:
        name, equals, value = pair.partition("=")
        if not equals:
            raise click.UsageError(f"{pair!r} is no FIELD=VALUE.")
        field = unicodedata.normalize("NFC", name.strip().lower())
        asked[field] = f"{asked[field]}\n{value}" if field in asked else value
    return asked


def _shown(letter: ComposedLetter) -> Iterator[str]:
    yield f"Objet : {letter.text.subject}"
    yield ""
    yield letter.text.whole
    yield f"Check of {letter.version.name}"
    for finding in letter.findings:
        mark = "ok" if finding.holds else "MISSING" if finding.blocks else "advice"
        shown = f": {finding.shown}" if finding.shown else ""
        yield f"  {mark:<8} {finding.point.replace('_', ' ')}{shown}"
