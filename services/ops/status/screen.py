"""One screen, with colours on a terminal and plain in a file."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.ops.status.needs import duration, work
from services.ops.status.overview import KeptReplies, Overview, Schema

FEW = 10
"""Below this n a rate says little, and is marked."""


def show(seen: Overview, needs: Sequence[str], console: Console) -> None:
    """Prints the state of the installation on the console, the problems last."""
    clock = f"{seen.now:%a %d %b %Y %H:%M}{' (story)' if seen.story else ''}"
    live = "" if seen.live else "  not live yet: all that would leave is held"
    console.print(Text(f"{seen.authority}  {clock}{live}", style="bold"))
    console.print()
    console.print(_processes(seen))
    console.print()
    console.print(_services(seen))
    console.print()
    words = ", ".join(f"{n} {word.replace('_', ' ')}" for word, n in seen.words.items())
    console.print(f"came in    {words or 'nothing'}; {seen.unnamed} on the way")
    waits = work(seen)
    console.print(f"waiting    {waits or 'nothing'}")
    late = f"reminders {duration(seen.rung_seconds)}, mails {duration(seen.mail_seconds)}"
    console.print(f"behind     {late}")
    for sentence in (process.at_rest for process in seen.processes if process.at_rest):
        console.print(f"at rest    {sentence}")
    console.print()
    if seen.kept:
        console.print(_kept(seen))
        console.print()
    if not needs and waits:
        console.print(Text("Nothing is wrong; what waits is people's work.", style="green"))
    elif not needs:
        console.print(Text("Nothing needs a person.", style="green"))
    for sentence in needs:
        console.print(Text(f"! {sentence}", style="bold red"))


def _processes(seen: Overview) -> Text:
    line = Text("processes  ")
    for process in seen.processes:
        line.append(process.name, style="red" if process.why else "green")
        line.append(" down  " if process.why else " ok  ")
    if not seen.processes:
        line.append("not known: set VAGUEMESTRE_HTTP_PORTS")
    return line


def _services(seen: Overview) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("service", "to hear", "to tell", "for", "dead letters"):
        table.add_column(name, justify="left" if name == "service" else "right", no_wrap=True)
    for schema in seen.schemas:
        table.add_row(*_row(schema))
    return table


def _row(one: Schema) -> Sequence[str | Text]:
    return (
        one.name,
        "?" if one.lag is None else str(one.lag),
        str(one.untold),
        duration(one.untold_seconds) if one.untold else "",
        Text(str(one.dead), style="red" if one.dead else ""),
    )


def _kept(seen: Overview) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("replies, 3 months", "kept", "n", "overdue", "open"):
        left = name.startswith("replies")
        table.add_column(name, justify="left" if left else "right", no_wrap=True)
    for figures in seen.kept:
        table.add_row(
            figures.service,
            _rate(figures, seen.target),
            _n(figures),
            str(figures.overdue),
            str(figures.open),
        )
    total = KeptReplies(
        "all services",
        sum(figures.kept for figures in seen.kept),
        sum(figures.due for figures in seen.kept),
        sum(figures.overdue for figures in seen.kept),
        sum(figures.open for figures in seen.kept),
    )
    rate = _rate(total, seen.target)
    table.add_row(total.service, rate, _n(total), str(total.overdue), str(total.open))
    return table


def _rate(one: KeptReplies, target: float) -> Text:
    if not one.due:
        return Text("—")
    rate = one.kept / one.due
    met = rate >= target
    style = "green" if met else "red" if one.due >= FEW else "yellow"
    return Text(f"{rate:.0%}" + ("" if met else f" < {target:.0%}"), style=style)


def _n(one: KeptReplies) -> str:
    return f"{one.due} (few)" if 0 < one.due < FEW else str(one.due)
