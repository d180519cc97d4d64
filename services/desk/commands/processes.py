"""The processes of the register."""

import click

from services.desk.app import create_keep, create_serve
from services.desk.evidence.verification.ground import Replanning
from services.desk.settings import DeskSettings
from shared.errors import VaguemestreError
from shared.platform import process
from shared.platform.settings import load


@click.command()
@click.pass_obj
def keep(replanning: Replanning) -> None:
    """Run the register's consumer of arrivals, clocks and notices, until told to end."""
    process.run(create_keep(_settings(), replanning))


@click.command()
def serve() -> None:
    """Serve the register's web pages, until told to end."""
    try:
        service = create_serve(_settings())
    except VaguemestreError as error:
        raise click.ClickException(str(error)) from error
    process.run(service)


def _settings() -> DeskSettings:
    try:
        return load(DeskSettings)
    except VaguemestreError as error:
        raise click.ClickException(str(error)) from error
