"""Commands of the library of standard letters."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import click

from services.desk.commands.decision_options import WHO, on_page
from services.desk.commands.session import CommandSession, run
from services.desk.letters import store
from services.desk.letters.domain import letter_file
from services.desk.letters.domain.library import OPEN, LetterState, LetterVersion
from services.desk.letters.library import LetterLibrary
from services.desk.store import letter_uses
from shared.errors import Refused
from shared.platform.shell import origin_here

T = TypeVar("T")

LETTER = click.argument("letter")
LETTERS = click.argument("names", metavar="LETTER...", nargs=-1, required=True)
FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))


@click.group("letters")
def letters() -> None:
    """The library of standard letters (courriers et courriels types)."""


@letters.command("list")
@click.option("--service", help="Only those that this service may use.")
def list_(service: str | None) -> None:
    """List the standard letters: the version in use, the draft, how often it was used."""

    async def work(session: CommandSession) -> Iterator[str]:
        found = await store.library(session.connection, None if service is None else [service])
        return _listed(found, await letter_uses.counts(session.connection))

    click.echo("\n".join(run(work)))


def _listed(found: Sequence[LetterVersion], counts: Mapping[str, int]) -> Iterator[str]:
    row = "{:<30} {:<10} {:<14} {:<12} {:>5}  {}"
    yield row.format("LETTER", "SERVICE", "KIND", "VERSION", "USED", "TITLE")
    for letter in dict.fromkeys(version.letter for version in found):
        mine = [version for version in found if version.letter == letter]
        shown = [
            version
            for version in mine
            if version.state in OPEN or version.state is LetterState.APPROVED
        ]
        for shown_version in shown or mine[:1]:
            used = counts.get(shown_version.name, 0)
            version = f"{shown_version.number} {shown_version.state}"
            service = shown_version.service or "(all)"
            yield row.format(
                letter,
                service,
                shown_version.content.kind,
                version,
                used,
                shown_version.content.title,
            ).rstrip()


@letters.command()
@LETTER
def show(letter: str) -> None:
    """Show every version of a standard letter, who approved it, and the newest text."""

    async def work(session: CommandSession) -> Sequence[LetterVersion]:
        return await store.versions(session.connection, letter)

    found = run(work)
    if not found:
        raise click.ClickException(f"There is no letter {letter!r}.")
    click.echo("\n".join(_shown(found)))


@letters.command("import")
@FILES
@WHO
@click.option("--submit", is_flag=True, help="Submit them for approval at once.")
def import_(files: tuple[Path, ...], who: str, *, submit: bool) -> None:
    """Import standard letters from FILES or folders (*.md) as drafts; unchanged ones stay."""
    paths = [
        source
        for path in files
        for source in (sorted(path.glob("*.md")) if path.is_dir() else [path])
    ]
    if not paths:
        raise click.UsageError("There is no letter (*.md) in this folder.")

    async def work(by: LetterLibrary) -> list[str]:
        said = []
        for path in paths:
            try:
                text = letter_file.read(path.read_text(encoding="utf-8"))
                draft = await by.write(text.letter, text.service, text.content)
                if draft is not None and submit:
                    draft = await by.submit(draft.letter)
            except (Refused, OSError, UnicodeDecodeError) as error:
                raise Refused(f"{path}: {error}\nNothing was imported.") from error
            said.append(f"{text.letter}: unchanged" if draft is None else _named(draft))
        return said

    click.echo("\n".join(_as(who, work)))


@letters.command()
@LETTERS
@WHO
def submit(names: tuple[str, ...], who: str) -> None:
    """Submit drafts of standard letters for approval."""
    _each(names, who, LetterLibrary.submit)


letters.add_command(on_page("letters approve", "Approve what was submitted"))
letters.add_command(on_page("letters withdraw", "Take a letter out of the library"))


@letters.command()
@LETTER
@click.option("--version", "number", type=int, help="Only this version.")
def used(letter: str, number: int | None) -> None:
    """List the items that used a standard letter, the latest first."""

    async def work(session: CommandSession) -> list[str]:
        found = await letter_uses.uses(session.connection, letter, number)
        zone = session.applied.site.zone
        return [
            f"{use.at.astimezone(zone):%Y-%m-%d %H:%M}  {use.chrono}  {use.version}  {use.by:<4}"
            f"  {use.person}{'  adapted' if use.adapted else ''}"
            for use in found
        ]

    click.echo("\n".join(run(work) or ["No item used it."]))


def _each(
    names: Sequence[str], who: str, step: Callable[[LetterLibrary, str], Awaitable[LetterVersion]]
) -> None:
    """The same step with every letter, or with none."""

    async def work(by: LetterLibrary) -> list[str]:
        return [_named(await step(by, name)) for name in names]

    click.echo("\n".join(_as(who, work)))


def _as(who: str, work: Callable[[LetterLibrary], Awaitable[T]]) -> T:
    """Runs one change of the letter library in a transaction, as a person of the site."""

    async def change(session: CommandSession) -> T:
        person = session.person(who)
        return await work(
            LetterLibrary(
                session.connection,
                person,
                session.now,
                session.applied,
                session.directory,
                origin_here(),
            )
        )

    return run(change)


def _named(version: LetterVersion) -> str:
    alone = " by its author alone: nobody else could" if version.alone else ""
    return f"{version.name}: {version.state}{alone}"


def _shown(found: Sequence[LetterVersion]) -> Iterator[str]:
    newest = found[0]
    yield f"{newest.letter}  {newest.service or 'all services'}  {newest.content.kind}"
    yield f"  {newest.content.title}"
    for version in found:
        yield f"  {version.number:>3}  {version.state:<10} {', '.join(_past(version))}"
    yield ""
    yield f"Objet : {newest.content.subject}"
    yield ""
    yield newest.content.body


def _past(version: LetterVersion) -> Iterator[str]:
    yield _did("written", version.author, version.written_at)
    for what, person, at in (
        ("submitted", version.submitted_by, version.submitted_at),
        ("approved", version.approved_by, version.approved_at),
        ("withdrawn", version.withdrawn_by, version.withdrawn_at),
    ):
        if person is not None and at is not None:
            yield _did(what, person, at)
    if version.content.anonymity:
        yield f"agent not named ({version.content.anonymity})"


def _did(what: str, person: str, at: datetime) -> str:
    return f"{what} by {person} {at:%Y-%m-%d}"
