"""A document that a form of the quality system brings: written down, noted, put on the disk."""

import asyncio
from typing import Final

from starlette.responses import Response

from services.desk.pages import journal_entries
from services.desk.pages.downloads import a_file
from services.desk.pages.visit import Visit
from services.desk.quality.store import uploads
from services.desk.store.erasures import Folder
from shared.content.file_kinds import ending
from shared.facts import ids
from shared.facts.envelope import BlobKey
from shared.web.forms import Mistyped

FILE: Final = "fichier"
MOST_FILE: Final = 20 * 1024 * 1024
"""Octets of one document."""


def brings_one(visit: Visit) -> bool:
    """Whether the submitted form has a document attached."""
    return bool(visit.read().files(FILE))


async def store_document(visit: Visit) -> BlobKey | None:
    """Stores the document of a form, of any type, as a blob; `None` without one.

    Its folder is named after the person and the form's id, so that a form sent twice stores one
    document and no browser can name the folder of a letter. The caller first refuses what may not
    be filed: a document that no fact names is deleted after a day only. Raises:
        Mistyped: it is empty or above `MOST_FILE`, or its page was open for too long.
    """
    form = visit.read()
    files = form.files(FILE)
    if not files:
        return None
    content = await files[0].read()
    if not content:
        raise Mistyped(FILE, "Ce fichier est vide.")
    if len(content) > MOST_FILE:
        raise Mistyped(FILE, "20 Mo au plus.")
    year, site = visit.today.year, visit.applied.site.identity.id
    owner = ids.quality_id(site, "upload", f"{visit.person.id} {year} {form.decision}")
    if not await uploads.announce(visit.connection, Folder(year, owner), visit.now):
        raise Mistyped(FILE, "Cette page est ouverte depuis trop longtemps : rechargez-la.")
    await journal_entries.handed_in(visit, owner)
    async with visit.apart():
        return await visit.blobs.put(year, owner, content)


async def file_of(visit: Visit, key: BlobKey, name: str) -> Response:
    """Makes the response that downloads a stored document. `name`: file name without ending."""
    async with visit.apart():
        content = await visit.blobs.get(key)
    kind = await asyncio.to_thread(ending, content)
    return a_file(content, name + ("" if kind == ".eml" else kind))
