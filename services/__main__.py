"""The command `vaguemestre`: a table from a command's name to where it lives.

A module is imported when its command is called, so that `vaguemestre --help` is instant and one
service's command line never loads another service. Beside services/ops it alone knows them all.
"""

import importlib
import importlib.metadata
import importlib.resources
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import click

from shared.errors import VaguemestreError

# httpx does without its own command line, and 4 MB of rich, where that can't be imported.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # so Python says "not there"


@dataclass(frozen=True, slots=True)
class Entry:
    """A command of `vaguemestre`: the module that holds it, and its line of help."""

    module: str
    attribute: str
    help: str
    given: str | None = None
    """`module:function` of what the command is given as click's object, such as others' answers."""


COMMANDS: Mapping[str, Entry] = {
    "up": Entry("deploy.embedded.commands", "up", "Run everything on this machine."),
    "migrate": Entry("services.ops.installation", "migrate", "Bring the database up to date."),
    "topics": Entry("services.ops.installation", "topics", "Make the topics that are missing."),
    "crosscheck": Entry(
        "services.ops.crosscheck",
        "crosscheck",
        "Find what was told and never heard; tell it again.",
    ),
    "retell": Entry(
        "services.ops.retell", "retell", "Tell again what Kafka has lost, with the same ids."
    ),
    "kafka-rights": Entry(
        "services.ops.kafka_rights", "kafka_rights", "Say the rights of each service at Kafka."
    ),
    "former-topics": Entry(
        "services.ops.installation",
        "former_topics",
        "Topics of prefixes that were left: list, remove.",
    ),
    "restored": Entry(
        "services.ops.restore", "restored", "After a restore: bring back what Kafka still has."
    ),
    "blobs": Entry(
        "services.ops.blobs.command", "blobs_commands", "The folder of originals: check, encrypt."
    ),
    "secret": Entry(
        "services.ops.secret_rotation", "secret_commands", "The site's secret: replace it."
    ),
    "keys": Entry(
        "services.ops.keyring", "keys_commands", "The keys of encrypted files: add, use, destroy."
    ),
    "drill": Entry(
        "services.ops.drill.command",
        "drill_command",
        "Restore a backup beside the register, and compare.",
    ),
    "status": Entry(
        "services.ops.status.command",
        "status",
        "Say how everything stands, and what needs a person.",
    ),
    "fleet": Entry(
        "services.ops.fleet.command",
        "fleet_commands",
        "Several préfectures: how all stand, upgraded one after the other.",
    ),
    "rehearse": Entry(
        "services.ops.rehearsal.command",
        "rehearse",
        "Replay what came under other rules: what differs, and why.",
    ),
    "site": Entry(
        "shared.site.cli.commands",
        "site",
        "Check, compare and apply a site's rules.",
        given="services.ops.site_effects:effects",
    ),
    "run": Entry(
        "services.ops.joint_command",
        "run",
        "A small préfecture in one process: ingest, desk keep, sla, notify.",
    ),
    "host": Entry(
        "services.ops.host.command",
        "host_commands",
        "The small préfectures of a machine as forks of one process.",
    ),
    "ingest": Entry("services.ingest.commands", "ingest", "The door: mailboxes, scans, spool."),
    "desk": Entry(
        "services.desk.cli",
        "desk",
        "The register and its pages.",
        given="services.ops.replanner:make_replanning",
    ),
    "portal": Entry("services.portal.commands", "portal", "The public's form and its follow-up."),
    "sla": Entry("services.sla.commands", "sla", "The clocks of every item."),
    "notify": Entry("services.notify.commands", "notify", "The voice: receipts, digests, alerts."),
}


def is_available(name: str) -> bool:
    """Whether a command of `vaguemestre` is installed (`up` exists in a source tree only)."""
    entry = COMMANDS.get(name)
    if entry is None:
        return False
    try:
        return importlib.util.find_spec(entry.module) is not None
    except ModuleNotFoundError:  # the package that would hold it is not installed
        return False


class LazyGroup(click.Group):
    """The click group of `vaguemestre`: imports only the module of the command that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of the installed commands, in the order of the table."""
        del ctx
        return [name for name in COMMANDS if is_available(name)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports and returns a command by its name; `None` when there is no such command."""
        if not is_available(cmd_name):
            return None
        entry = COMMANDS[cmd_name]
        command = getattr(importlib.import_module(entry.module), entry.attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{entry.module}:{entry.attribute} is no command")
        if entry.given:
            module, _, function = entry.given.partition(":")
            ctx.obj = getattr(importlib.import_module(module), function)()
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command; what it refuses, or a missing right, ends it with a sentence.

        Raises ClickException, with exit code 1.
        """
        try:
            return super().invoke(ctx)
        except VaguemestreError as error:
            raise click.ClickException(str(error)) from error
        except Exception as error:
            if type(error).__name__ != "InsufficientPrivilegeError":
                raise
            raise click.ClickException(
                f"PostgreSQL does not let the role of VAGUEMESTRE_DATABASE_URL do that ({error}): "
                "use the address that this command needs, see docs/guide/exploitation.md."
            ) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list of commands for `--help`, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].help) for name in self.list_commands(ctx)])


def _say_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:  # noqa: FBT001  (as click calls it)
    """Prints the version and, in what a release built, the commit that it was built from."""
    del param
    if not value or ctx.resilient_parsing:
        return
    commit = importlib.resources.files("services").joinpath("commit.txt").read_text("ascii").strip()
    built = "" if commit.startswith("$") else f" (commit {commit[:12]})"  # a tree says no commit
    click.echo(f"vaguemestre, version {importlib.metadata.version('vaguemestre')}{built}")
    ctx.exit()


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_say_version,
    help="Say version and commit, and end.",
)
def main() -> None:
    """Track every letter, email and form of a préfecture against its commitments."""


if __name__ == "__main__":
    main(prog_name="vaguemestre")
