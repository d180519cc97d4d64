"""The command line of the portal.

Needs:  see services/portal
"""

import click

from services.portal.app import create_serve
from services.portal.settings import PortalSettings
from shared.platform import process
from shared.platform.settings import load


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def portal() -> None:
    """Commands about the web pages for the public: the form, and the follow-up of a deposit."""


@portal.command()
def serve() -> None:
    """Serve the public's pages until told to end."""
    service = create_serve(load(PortalSettings))
    process.run(service)
