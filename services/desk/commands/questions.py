"""Questions to the register; they change nothing."""

from collections.abc import Sequence

import click
import orjson

from services.desk import cli_json, cli_text
from services.desk.commands.session import CommandSession, run
from services.desk.domain.item import ItemStatus
from services.desk.store import lists, sheets
from services.desk.store.lists import WorkLine
from services.desk.store.sheets import BrokenChain, ItemSheet
from shared.errors import Refused

AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


@click.command("list")
@click.option("--service", help="Only this service's items.")
@click.option(
    "--state",
    type=click.Choice([state.value for state in ItemStatus]),
    help="Only this state; without it, all that wait for an answer.",
)
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1, 10_000))
@AS_JSON
def list_(service: str | None, state: str | None, limit: int, *, as_json: bool) -> None:
    """List items by deadline: late ones come first."""

    async def work(session: CommandSession) -> tuple[CommandSession, Sequence[WorkLine]]:
        if service is not None and service not in session.applied.site.service:
            known = ", ".join(sorted(session.applied.site.service))
            raise Refused(f"There is no service {service!r} in this site; there are {known}.")
        found = await lists.lines(
            session.connection,
            service=service,
            state=None if state is None else ItemStatus(state),
            limit=limit,
        )
        return session, found

    session, found = run(work)
    days, today = session.applied.days, session.today
    if as_json:
        _print([cli_json.line(item, today, days) for item in found])
        return
    for text in cli_text.table(found, today, days):
        click.echo(text)


@click.command()
@click.argument("chrono")
@AS_JSON
def show(chrono: str, *, as_json: bool) -> None:
    """Show all that is known of one item: CHRONO, its number, or label:NUMBER."""

    async def work(session: CommandSession) -> tuple[CommandSession, ItemSheet]:
        return session, await sheets.sheet(session.connection, await session.item(chrono))

    session, sheet = run(work)
    if as_json:
        _print(cli_json.sheet(sheet, session.applied.site.zone))
        return
    for text in cli_text.sheet(sheet, session.applied, session.directory, session.today):
        click.echo(text)


@click.command()
@click.argument("chrono", required=False)
@AS_JSON
def verify(chrono: str | None, *, as_json: bool) -> None:
    """Verify the evidence of one item or of all; exit code 1 when a chain does not hold."""

    async def work(session: CommandSession) -> tuple[int, Sequence[BrokenChain]]:
        item_id = None if chrono is None else await session.item(chrono)
        return await sheets.verify(session.connection, item_id)

    checked, broken = run(work)
    if as_json:
        _print(
            {
                "checked": checked,
                "broken": [
                    {
                        "item_id": str(chain.item_id),
                        "chrono": chain.chrono,
                        "seq": chain.seq,
                        "why": chain.why,
                    }
                    for chain in broken
                ],
            }
        )
    else:
        for chain in broken:
            click.echo(f"{chain.chrono or chain.item_id}: {chain.why}")
        click.echo(f"{checked} chains checked, {len(broken)} do not hold.")
    if broken:
        raise SystemExit(1)


def _print(document: object) -> None:
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    click.echo(orjson.dumps(document, default=str, option=options).decode())
