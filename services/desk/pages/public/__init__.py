"""What the public sees, without signing in: the form, the page that follows it, and what we keep.

No third party, no cookie, no address kept; every page works without JavaScript. A deposit is on the
disk before the person reads that we have it: it enters by ingest's spool like any other arrival.
Neither PostgreSQL nor Kafka is needed for that: while they are away these pages stand on the rules
that were last known, and what was taken becomes an item when they are back.
"""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.page import Gate, Page
from services.desk.pages.public.attachments import MOST_FILES, MOST_OCTETS
from services.desk.pages.public.following import follow
from services.desk.pages.public.notices import accessibility, privacy
from services.desk.pages.public.paper import paper
from services.desk.pages.public.writing import admits, otherwise, write
from services.desk.pages.rights import Right

MOST: Final = (MOST_FILES + 1) * MOST_OCTETS
"""Of a whole form: its files, and room for its text."""

PAGES: Sequence[Page] = (
    Page(
        "/formulaire",
        write,
        Right.OPEN,
        methods=("GET", "POST"),
        most=MOST,
        without_register=True,
        gate=Gate(admits, otherwise),
    ),
    Page("/formulaire/depot/{deposit:uuid}", follow, Right.OPEN, without_register=True),
    Page("/formulaire/donnees", privacy, Right.OPEN, without_register=True),
    Page("/formulaire/accessibilite", accessibility, Right.OPEN, without_register=True),
    Page("/formulaire/papier.pdf", paper, Right.OPEN, without_register=True),
)
