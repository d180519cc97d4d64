"""The command line of ingest."""

import asyncio
import importlib
from datetime import UTC, datetime
from pathlib import Path

import click

from services.ingest.app import create_app
from services.ingest.domain.full_mail import read_whole
from services.ingest.domain.judge_mail import MailboxPlace
from services.ingest.domain.mail import Mail
from services.ingest.domain.rules import rules
from services.ingest.explanation import explain
from services.ingest.form_proposal import FormProposal, lines_of, proposal, slug
from services.ingest.reconcile import reconcile as compare
from services.ingest.settings import IngestSettings
from shared.content.site_keys import SiteKeys
from shared.facts.envelope import ServiceId
from shared.platform.process import run as run_service
from shared.platform.settings import load
from shared.site.load import load_folder

_ELSEWHERE = {
    "separators": ("services.ingest.labels", "Print the sheets that part letters in the scanner."),
    "labels": ("services.ingest.labels", "Print numbered labels for letters."),
    "form": ("services.ingest.labels", "Print the public's form on paper."),
}
"""Commands whose modules load a typesetter: imported when they are called."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        command = getattr(importlib.import_module(_ELSEWHERE[cmd_name][0]), cmd_name)
        return command if isinstance(command, click.Command) else None


@click.group(cls=_Commands)
def ingest() -> None:
    """Commands about what comes in: mailboxes, Sent folders, scan folders, the spool."""


@ingest.command()
def run() -> None:
    """Run the service ingest until told to end: it watches every source of the applied site."""
    service = create_app(load(IngestSettings))
    run_service(service)


@ingest.command()
def reconcile() -> None:
    """Compare every source with what is stored; exit code 1 when something is not accounted for."""
    found = asyncio.run(compare(load(IngestSettings)))
    for line in found.lines():
        click.echo(line)
    if not found.sound:
        raise SystemExit(1)


@ingest.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--site",
    "folder",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the site, such as deploy/site/indre.",
)
@click.option("--mailbox", default="", help="Id of the mailbox in which it arrived.")
def route(file: Path, folder: Path, mailbox: str) -> None:
    """Show how an .eml file would be judged and routed, and by which rules."""
    site = load_folder(folder)
    box = next((inbox for inbox in site.sources.mailboxes if inbox.id == mailbox), None)
    if mailbox and box is None:
        known = ", ".join(inbox.id for inbox in site.sources.mailboxes)
        raise click.ClickException(f"mailboxes.yaml has no mailbox {mailbox}; it has {known}.")
    service = ServiceId(box.service) if box is not None and box.service else None
    place = MailboxPlace(mailbox=mailbox, service=service, bounces=box is not None and box.bounces)
    epoch = datetime.fromtimestamp(0, UTC)
    for line in explain(file.read_bytes(), place, epoch, rules(site, SiteKeys(b""))):
        click.echo(line)


@ingest.command(name="form-layout")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--id", "form_id", default="", help="Id of the row; by default from the sender.")
def form_layout(file: Path, form_id: str) -> None:
    """Propose, from an .eml file of a website's form, the row by which routing.yaml reads it."""
    mail = read_whole(file.read_bytes())
    if not isinstance(mail, Mail) or not mail.sender.address:
        raise click.ClickException("This file is no mail with a sender.")
    found = proposal(mail, form_id or slug(mail.sender.address))
    if isinstance(found, FormProposal):
        for line in lines_of(found):
            click.echo(line)
        return
    seen = [f"  {layout}: {', '.join(labels[:40])}" for layout, labels in found.labels.items()]
    why = "No layout has a message and a person under labels that forms usually have."
    what = "What stands as a label, by layout:" if seen else "Nothing in it stands as a label."
    raise click.ClickException("\n".join([why, what, *seen]))
