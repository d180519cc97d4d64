"""`vaguemestre site delegations`: who signs « par délégation »; a page says who does and no more.

The secretary general and the quality officer enter one, signed in, never of themselves: whoever
types commands is nobody who may give a right to sign (ADR 0041).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import click

from shared.platform.database import Connection
from shared.platform.shell import by_page
from shared.site import store
from shared.site.owner import ask
from shared.site.staff import delegations_store

PAGE: Final = "/delegations"


@click.command()
def delegations() -> None:
    """List the delegations of signature: who may sign « par délégation », what, until when."""

    async def answer(connection: Connection, now: datetime) -> None:
        today = now.astimezone((await store.current(connection)).site.zone).date()
        for delegation in await delegations_store.standing(connection, now, today):
            what = ", ".join([*delegation.services, *delegation.kinds]) or "everything"
            days = f"{delegation.first} to {delegation.last}"
            click.echo(
                f"{delegation.number:>4}  {delegation.person:<16} {days}"
                f"  {what}: {delegation.reference}"
            )

    ask(answer)


COMMANDS: Final[Sequence[click.Command]] = (
    by_page("delegate", PAGE, "Enter a delegation of signature"),
    by_page("end-delegation", PAGE, "End a delegation of signature"),
    delegations,
)
