"""`vaguemestre status`: the whole préfecture on one screen, and what needs a person now.

Asked of the database, of each process's /health and of Kafka, so that it tells the truth also when
processes are down. Exit code 1 when something does not mend itself or is late.

Needs:  VAGUEMESTRE_DATABASE_URL of the role that ends in _status, VAGUEMESTRE_KAFKA; and where no
        `up` runs, VAGUEMESTRE_HTTP_PORTS, such as {"ingest": 9101, "sla": 9104}
"""

import asyncio
from typing import ClassVar

import click
import orjson
from pydantic import Field
from rich.console import Console

from services.ops.status.needs import needs, summary
from services.ops.status.questions import look
from services.ops.status.screen import show
from shared.platform import confinement
from shared.platform.settings import Settings, load

PLAIN_WIDTH = 140
"""Columns where there is no terminal."""


class Onlooker(Settings):
    """The settings of the command `status`: a role that sees only sums, ports of processes."""

    role: ClassVar[str] = "status"

    http_ports: dict[str, int] = Field(default_factory=dict)
    """Of /health, by what you call each process."""
    health_ports: dict[str, int] = Field(default_factory=dict)
    """The same, as a running `vaguemestre up` tells it."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document; exit code 0 if it asked.")
def status(*, as_json: bool) -> None:
    """Show the state of the whole installation; exit code 1 when something needs a person."""
    own = load(Onlooker)
    ports = own.health_ports or own.http_ports
    seen = asyncio.run(look(own.database_url, own.broker, own.prefix, own.http_host, ports))
    if as_json:
        click.echo(orjson.dumps(summary(seen)).decode())
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PLAIN_WIDTH)
    wanting = list(needs(seen))
    show(seen, wanting, console)
    if sentence := confinement.lacks_sentence(confinement.missing_protections()):
        console.print(f"apart      {sentence}")
    if wanting:
        raise SystemExit(1)
