"""The command line of the register.

`desk keep` and `desk serve` run until they are told to end; everything else is one question or one
decision: it opens a connection, does it in one transaction, and leaves. What makes no sense is
refused with one sentence and exit code 1.
"""

import click

from services.desk.commands.processes import keep
from services.desk.commands.questions import list_, show, verify


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def desk() -> None:
    """The register and its pages."""


for _command in (keep, list_, show, verify):
    desk.add_command(_command)
