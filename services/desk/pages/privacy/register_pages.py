"""`/donnees-personnelles`: the entry of the register of processing, and the way to one person."""

import asyncio
from collections.abc import Sequence

from starlette.responses import Response

from services.desk.french.names import Names
from services.desk.pages.downloads import our_file
from services.desk.pages.visit import Visit
from services.desk.privacy import register_entry
from services.desk.privacy.register_entry import EntrySection


async def show_home(visit: Visit) -> Response:
    """Shows the entry of the register of processing; whoever proves may ask for a person's data."""
    return await visit.html(
        "privacy/home.html",
        sections=_sections(visit),
        title=register_entry.TITLE,
        version=visit.applied.version,
        asks=visit.roles.proves,
    )


async def download_entry(visit: Visit) -> Response:
    """Downloads the entry of the register of processing as PDF."""
    found, applied, today = _sections(visit), visit.applied, visit.today
    async with visit.apart():
        content = await asyncio.to_thread(register_entry.print_entry, found, applied, today)
    return our_file(content, "application/pdf", f"registre-des-traitements-{today}.pdf")


def _sections(visit: Visit) -> Sequence[EntrySection]:
    return register_entry.sections(
        visit.applied,
        Names(visit.applied.site, visit.directory),
        encrypted=visit.settings.keys.current is not None,
        public_form=visit.settings.portal_url is not None,
    )
