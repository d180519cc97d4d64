"""What the public sees, without signing in: the form, the page that follows it, and what we keep.

No third party, no cookie, no address kept; every page works without JavaScript. A deposit is on the
disk before the person reads that we have it: it enters by ingest's spool like any other arrival.
"""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.page import Page
from services.desk.pages.public.attachments import MOST_FILES, MOST_OCTETS
from services.desk.pages.public.following import follow
from services.desk.pages.public.paper import paper
from services.desk.pages.public.privacy import privacy
from services.desk.pages.public.writing import write
from services.desk.pages.rights import Right

MOST: Final = (MOST_FILES + 1) * MOST_OCTETS
"""Of a whole form: its files, and room for its text."""

PAGES: Sequence[Page] = (
    Page("/formulaire", write, Right.OPEN, methods=("GET", "POST"), most=MOST),
    Page("/formulaire/depot/{deposit:uuid}", follow, Right.OPEN),
    Page("/formulaire/donnees", privacy, Right.OPEN),
    Page("/formulaire/papier.pdf", paper, Right.OPEN),
)
