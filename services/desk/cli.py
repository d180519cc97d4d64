"""The command line of the register.

`desk keep` and `desk serve` run until they are told to end; everything else is one question or one
decision (services/desk/commands), registered with its feature. Each of the two imports what it does
and no other command; all others are imported together, when one of them is called.
"""

from typing import TYPE_CHECKING

import click

from services.desk.features import all_commands
from services.desk.settings import DeskSettings
from shared.platform import process
from shared.platform.settings import load

if TYPE_CHECKING:
    from services.desk.jobs import Replanning

SCHEMA = "desk"


class Register(click.Group):
    """The click group of `vaguemestre desk`, which imports decisions and questions when asked."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of all commands, sorted."""
        self.complete()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns a command by its name; `None` when there is no such command."""
        if cmd_name not in self.commands:
            self.complete()
        return super().get_command(ctx, cmd_name)

    def complete(self) -> None:
        """Adds the commands of the features, and those of dead letters."""
        from services.desk.app import create_router  # noqa: PLC0415  (docs/decisions/0218)
        from shared.platform.messaging.dead_letter_commands import (  # noqa: PLC0415  (as above)
            dead_letters_commands,
        )

        dead_letters = dead_letters_commands(SCHEMA, DeskSettings, create_router)
        for command in (*all_commands(), dead_letters):
            self.add_command(command)


@click.group(cls=Register, context_settings={"help_option_names": ["-h", "--help"]})
def desk() -> None:
    """The commands of the register (desk) and of its web pages."""


@desk.command()
@click.pass_obj
def keep(replanning: "Replanning") -> None:
    """Run the register's consumer of arrivals, clocks and notices, until told to end."""
    from services.desk.app import create_keep  # noqa: PLC0415  (`serve` does without, as above)

    process.run(create_keep(load(DeskSettings), replanning))


@desk.command()
def serve() -> None:
    """Serve the register's web pages, until told to end."""
    from services.desk.page_process import create_serve  # noqa: PLC0415  (`keep` does without)

    process.run(create_serve(load(DeskSettings)))
