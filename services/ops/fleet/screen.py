"""All sites of a fleet in one table, with colours on a terminal and plain in a file."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.ops.fleet.standing import SiteStanding


def show(standings: Sequence[SiteStanding], console: Console) -> None:
    """Prints a row for each site, then one sentence for each thing that is wrong or waits."""
    table = Table(box=None, pad_edge=False)
    for name in ("site", "machine", "authority", "version", "state", "processes"):
        table.add_column(name, no_wrap=name != "authority")
    for name in ("waiting", "dead letters", "for people"):
        table.add_column(name, justify="right", no_wrap=True)
    for standing in standings:
        table.add_row(*_row(standing))
    console.print(table)
    console.print()
    for standing in standings:
        if not standing.is_well:
            console.print(Text(f"! {standing.site.site}: {standing.why}", style="bold red"))
    well = sum(standing.is_well for standing in standings)
    style = "green" if well == len(standings) else "red"
    console.print(Text(f"{well} of {len(standings)} sites are well.", style=style))


def _row(standing: SiteStanding) -> Sequence[str | Text]:
    state = Text("well", "green") if standing.is_well else Text("not well", "bold red")
    here = (standing.site.site, standing.site.host or "here", standing.authority)
    if standing.unknown:
        return (*here, "?", Text("unknown", "bold red"), "?", "?", "?", "?")
    return (
        *here,
        ", ".join(standing.versions) or "?",
        state,
        str(len(standing.processes or ())),
        str(standing.waiting),
        str(standing.dead),
        str(len(standing.people)),
    )
