"""`vaguemestre notify`: run the service, and look after what it holds or set aside."""

import click

from services.notify.app import create_app
from services.notify.settings import NotifySettings
from shared.errors import VaguemestreError
from shared.process import run as run_service
from shared.settings import load


@click.group()
def notify() -> None:
    """The voice: receipts, acknowledgements, digests, alerts."""


@notify.command()
def run() -> None:
    """Hear items, clocks and bounces; let notices leave until told to stop."""
    try:
        service = create_app(load(NotifySettings))
    except VaguemestreError as error:
        raise click.ClickException(str(error)) from error
    run_service(service)
