"""What `desk keep` does of the files of another register, for tests of pages that ask for it.

Apart from `desk_browser`, which the unit tests of the pages import: without the feature *migration*
they still stand.
"""

import asyncio

from services.desk.migration.job import Takes
from services.desk.pages.serve import PageServer


def takes(pages: PageServer) -> Takes:
    """What `desk keep` does of the files that these pages were asked to take over."""
    return Takes(pages.pool, pages.rules, pages.blobs, pages.clock, pages.settings, asyncio.Event())
