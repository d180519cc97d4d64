"""`vaguemestre up`: a whole préfecture on this machine, until Ctrl-C."""

import asyncio
import signal
import sys
from pathlib import Path

import click

from deploy.embedded.errors import EmbeddedError
from deploy.embedded.launch import LaunchPlan, launch
from deploy.embedded.processes import COMMANDS, installation
from deploy.embedded.stack import occupy
from services.__main__ import is_available
from shared.errors import VaguemestreError
from shared.site.cli import text
from shared.site.load import load_folder

_DATA = Path(".vaguemestre")
_INDRE = Path(__file__).parents[1] / "site" / "indre"


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=_DATA,
    envvar="VAGUEMESTRE_DATA",
    show_default=True,
    help="Folder of databases, topics, originals and logs.",
)
@click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=_INDRE,
    show_default="the example of the Indre",
    help="Folder of the préfecture's rules.",
)
@click.option("--story", help="Of a demo site: the ISO moment at which its story begins.")
@click.option(
    "--throwaway",
    is_flag=True,
    help="Of a demo: nothing of it need outlive a power cut, so that PostgreSQL waits for no disk.",
)
def up(data: Path, site: Path, story: str | None, throwaway: bool) -> None:  # noqa: FBT001 (click's)
    """Run Kafka, PostgreSQL, mail and every service here, until Ctrl-C.

    A server whose address is in the environment (VAGUEMESTRE_KAFKA, VAGUEMESTRE_DATABASE_URL,
    VAGUEMESTRE_IMAP_HOST and VAGUEMESTRE_SMTP_HOST) is used and not started; the portal then goes
    to that PostgreSQL by VAGUEMESTRE_PORTAL_DATABASE_URL, or is left out.
    Exit code 1: the stack could not start; 3: a service was left down.
    """
    try:
        if story is not None:
            text.instant(story)  # before a minute of starting, not after it
        with occupy(data):
            click.echo(f"Vaguemestre starts in {data}.")
            code = asyncio.run(_run(_plan(data, site, story, durable=not throwaway)))
    except (EmbeddedError, VaguemestreError) as error:
        raise click.ClickException(str(error)) from error
    sys.exit(code)


async def _run(plan: LaunchPlan) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    return await launch(plan, stopping, click.echo)


def _plan(data: Path, site: Path, story: str | None, *, durable: bool) -> LaunchPlan:
    """What is there to run: a command whose module doesn't exist is left out."""
    rules = load_folder(site)
    sources = rules.sources
    # A mailbox with a host of its own isn't ours to serve.
    mailboxes = [box for box in sources.mailboxes if box.host is None]
    return LaunchPlan(
        data.resolve(),
        rules.identity.id,
        {mailbox.id: mailbox.address for mailbox in mailboxes},
        installation(site.resolve(), rules.identity.id, story),
        [command for command in COMMANDS if is_available(command.service)],
        durable=durable,
        folders={box.id: (box.sent,) for box in mailboxes if box.sent is not None},
        scans=[folder.folder for folder in sources.scan_folders],
    )
