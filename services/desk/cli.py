"""The command line of the register.

`desk keep` and `desk serve` run until they are told to end; everything else is one question or one
decision (services/desk/commands), registered with its feature.
"""

import click

from services.desk.app import SCHEMA, create_keep, create_router, create_serve
from services.desk.features import COMMANDS
from services.desk.jobs import Replanning
from services.desk.settings import DeskSettings
from shared.platform import process
from shared.platform.messaging.dead_letter_commands import dead_letters_commands
from shared.platform.settings import load


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def desk() -> None:
    """The commands of the register (desk) and of its web pages."""


@desk.command()
@click.pass_obj
def keep(replanning: Replanning) -> None:
    """Run the register's consumer of arrivals, clocks and notices, until told to end."""
    process.run(create_keep(load(DeskSettings), replanning))


@desk.command()
def serve() -> None:
    """Serve the register's web pages, until told to end."""
    process.run(create_serve(load(DeskSettings)))


for _command in (*COMMANDS, dead_letters_commands(SCHEMA, DeskSettings, create_router)):
    desk.add_command(_command)
