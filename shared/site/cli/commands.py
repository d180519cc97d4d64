"""`vaguemestre site`: check a folder, compare it with what runs, apply it, go live.

Needs:  VAGUEMESTRE_DATABASE_URL of the database's owner (save `check` and `schema`)
"""

import json
from datetime import datetime
from pathlib import Path

import click

from shared.errors import Refused
from shared.platform.database import Connection
from shared.platform.shell import account, typed_origin
from shared.site import store
from shared.site.application import apply as apply_change
from shared.site.application import compare, keep_request, request_of, rests_on
from shared.site.checks.validation_errors import BadSite
from shared.site.cli import text
from shared.site.cli.delegations import COMMANDS
from shared.site.cli.pack_commands import pack_commands
from shared.site.effects import Effects
from shared.site.load import FILES, load_proposal
from shared.site.owner import BY, ask, mistakes_text
from shared.site.staff import people_store
from shared.site.tables.bundle import Site

FOLDER = click.argument("folder", type=click.Path(path_type=Path))
WHY = click.option("--why", required=True, help="The reason, for whoever audits it.")


@click.group()
def site() -> None:
    """Check, compare and apply a site's rules."""


for one_command in (*COMMANDS, pack_commands):
    site.add_command(one_command)


@site.command()
@FOLDER
def check(folder: Path) -> None:
    """Print every mistake of the site folder FOLDER, by file and line, and unchecked lines."""
    try:
        proposal = load_proposal(folder)
    except BadSite as error:
        raise click.ClickException(mistakes_text(error)) from error
    click.echo(text.summary(proposal.site, proposal.people))
    for line in (*text.missing_sentences(proposal.site), *text.unread(proposal.site)):
        click.echo(line)


@site.command()
@FOLDER
@BY
@WHY
@click.option("--rehearsal", type=int, help="The kept rehearsal on which this rests, its number.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--story", help="Of a demo site: the ISO moment at which its story begins.")
@click.pass_context
def apply(
    context: click.Context,
    folder: Path,
    author: str,
    why: str,
    story: str | None,
    rehearsal: int | None,
    *,
    dry_run: bool,
) -> None:
    """Check the site folder FOLDER, show which items' limits move, and apply its rules.

    Where a number of the label is replaced a second person confirms it first, signed in, on the
    page /qualite/nombres: the command keeps the request, and applies it once they did.
    """
    effects = context.find_object(Effects) or Effects()

    async def answer(connection: Connection, now: datetime) -> str | None:
        proposal = load_proposal(folder)
        await store.lock(connection)
        if story is not None:
            now = await _begun(connection, proposal.site, text.instant(story))
        change = await compare(connection, proposal, effects, now)
        for line in text.change(change):
            click.echo(line)
        if rehearsal is not None:
            change = await rests_on(connection, change, effects, rehearsal)
        if change.nothing or dry_run:
            return None
        if change.numbers:
            request = request_of(change, author, account(), why)
            change, kept = await keep_request(connection, change, effects, request, now)
            if change.waits:
                return text.why_waiting(kept)
        applied = await apply_change(connection, proposal, change, author, why, now)
        if change.before is not None and change.newcomers and effects.brings is not None:
            await effects.brings(
                connection, applied.site, change.newcomers, typed_origin(None), now
            )
        click.echo(f"Version {applied.version} runs ({applied.digest[:12]}).")
        return None

    # The request is kept, so nothing is rolled back: the refusal comes after its transaction.
    if waits := ask(answer):
        raise click.ClickException(waits)


@site.command()
@click.option("--version", "number", type=int, help="Another version than the one that runs.")
@click.option("--json", "as_json", is_flag=True, help="The whole bundle.")
def show(number: int | None, *, as_json: bool) -> None:
    """Show the applied rules."""

    async def answer(connection: Connection, _: datetime) -> None:
        found = await (
            store.current(connection) if number is None else store.version(connection, number)
        )
        click.echo(found.site.model_dump_json(indent=2) if as_json else text.applied_text(found))

    ask(answer)


@site.command()
def versions() -> None:
    """List every version of the rules that was applied, by whom and why."""

    async def answer(connection: Connection, _: datetime) -> None:
        for version in await store.versions(connection):
            since = text.moment(version.effective_from)
            click.echo(
                f"{version.version:>4}  {since}  {version.digest[:12]}"
                f"  {version.author}: {version.why}"
                + (f" (rehearsal {version.rehearsal})" if version.rehearsal else "")
            )

    ask(answer)


@site.command("go-live")
@click.option("--at", "moment", help="ISO moment with its offset; now when absent.")
@BY
@WHY
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def go_live(
    context: click.Context, moment: str | None, author: str, why: str, *, yes: bool
) -> None:
    """Go live from a moment on: later mail is no history, notices are sent and clocks run.

    The moment begins its second, as mail servers date what they receive to the second (RFC 3501,
    2.3.3): a mail of that second is no history.
    """
    effects = context.find_object(Effects) or Effects()

    async def answer(connection: Connection, now: datetime) -> None:
        await store.lock(connection)
        await store.current(connection)
        since = (now if moment is None else text.instant(moment)).replace(microsecond=0)
        leaving = (
            None if effects.would_leave is None else await effects.would_leave(connection, since)
        )
        click.echo(text.leaving_sentence(leaving, since))
        if not yes:
            click.confirm("Go live?", abort=True)
        await store.go_live(connection, since, author, why, now)
        click.echo(f"Live since {text.moment(since)}.")

    ask(answer)


@site.command()
@click.option("--at", "moment", help="ISO moment with its offset; now when absent.")
def people(moment: str | None) -> None:
    """List the people of the préfecture, their services, and who is away."""

    async def answer(connection: Connection, now: datetime) -> None:
        at = now if moment is None else text.instant(moment)
        for line in text.directory(await people_store.people_at(connection, at)):
            click.echo(line)

    ask(answer)


@site.command()
@click.argument("file", required=False, type=click.Choice(list(FILES)))
@click.option(
    "--out", type=click.Path(path_type=Path), help="A folder, for the schema of each file."
)
def schema(file: str | None, out: Path | None) -> None:
    """Print the JSON Schema of FILE for editors, or write that of each file with --out."""
    if out is None:
        if file is None:
            raise click.UsageError(f"Name one of {', '.join(FILES)}, or a folder with --out.")
        click.echo(_schema(file))
        return
    out.mkdir(parents=True, exist_ok=True)
    for name in FILES if file is None else [file]:
        path = out / f"{name.removesuffix('.yaml')}.schema.json"
        path.write_text(_schema(name) + "\n", encoding="utf-8")
        click.echo(path)


def _schema(file: str) -> str:
    described = FILES[file].model_json_schema()
    return json.dumps(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", **described},
        indent=2,
        ensure_ascii=False,
    )


async def _begun(connection: Connection, proposed: Site, begin: datetime) -> datetime:
    """The moment of a demo site's story: `begin`, unless it has begun already."""
    if not proposed.identity.demo:
        raise Refused("Only a site with `demo: true` in site.yaml has a story.")
    moment: datetime | None = await connection.fetchval("SELECT moment FROM site.story")
    if moment is not None:
        return moment
    await store.move_story(connection, begin)
    return begin


@site.command()
@click.argument("moment")
def story(moment: str) -> None:
    """Set or move the simulated time of a demo site, never back: MOMENT is ISO with its offset."""

    async def answer(connection: Connection, now: datetime) -> None:
        at = text.instant(moment)
        if not (await store.current(connection)).site.identity.demo:
            raise Refused("Only a site with `demo: true` in site.yaml has a story.")
        if await connection.fetchval("SELECT moment FROM site.story") is not None and at < now:
            raise Refused(f"The story is at {text.moment(now)} and can't go back.")
        await store.move_story(connection, at)
        click.echo(f"The story is at {text.moment(at)}.")

    ask(answer)
