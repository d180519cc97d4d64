"""What of a request goes into the journal: readings, files taken or handed in, refusals.

A reading or a file is noted in the transaction of its answer, so that none is given unnoted.
"""

import re
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from services.desk.accounts.personnel import Departure
from services.desk.pages.page import Page
from services.desk.pages.visit import Visit
from services.desk.store import access_journal as store
from services.desk.store.access_journal import JournalLine, What
from shared.platform.database import Connection

READ: Final = (
    "/courrier/{chrono}",
    "/bureau/a-qualifier/{chrono}",
    "/bureau/attente/message/{arrival:uuid}",
)
"""What begins the addresses that show a letter: registered, to be qualified, or still in hand."""
OK: Final = 200
REFUSED: Final = frozenset({403, 404})
_NUMBER: Final = re.compile(r"[0-9A-Za-z.-]{1,40}")
_ABOUT: Final = ("chrono", "arrival", "slip", "number", "seq", "month", "kind")
"""Parts of an address that name what it is about."""


async def record_answer(visit: Visit, page: Page, answer: Response) -> None:
    """Records in the access journal what the response let somebody read or download."""
    if visit.somebody is None and visit.signed_in is None:
        return
    what = None
    if answer.status_code == OK:
        if answer.headers.get("content-disposition", "").startswith("attachment"):
            what = What.DOWNLOAD
        elif page.path.startswith(READ) and visit.request.method == "GET":
            what = What.READING
    if what is not None and not visit.noted:
        await store.note(visit.connection, line(visit, page.path, what))


async def record_reading(visit: Visit, path: str) -> None:
    """Records in the access journal a reading whose answer follows, unless a form was refused.

    For a page that ends its visit before it is drawn; `path`: its row in the table of pages.
    """
    if visit.refusal is None or not visit.refusal.sentence:
        await store.note(visit.connection, line(visit, path, What.READING))
    visit.noted = True


async def record_shown(visit: Visit, page: str, chrono: str) -> None:
    """Records in the access journal a letter that an open page may show from now on."""
    await store.note(visit.connection, replace(line(visit, page, What.READING), about=chrono))


async def record_fetched(visit: Visit, page: str, chrono: str) -> None:
    """Records in the access journal a letter whose page a browser fetched ahead, unseen as yet."""
    noted = replace(line(visit, page, What.FETCHED_AHEAD), about=chrono)
    await store.note(visit.connection, noted)


async def record_download(visit: Visit, page: str, chrono: str) -> None:
    """Records in the access journal a paper about an item that the browser itself shows."""
    await store.note(visit.connection, replace(line(visit, page, What.DOWNLOAD), about=chrono))


async def handed_in(visit: Visit, about: object) -> None:
    """Records in the access journal that somebody uploaded files; `about`: their id."""
    noted = line(visit, visit.request.url.path, What.UPLOAD)
    await store.note(visit.connection, replace(noted, about=str(about)))


async def record_audited(visit: Visit, chrono: str) -> None:
    """Records in the access journal that an auditor on site read the content of an item."""
    noted = line(visit, visit.request.url.path, What.AUDIT)
    await store.note(visit.connection, replace(noted, about=chrono))


async def record_diary_ended(visit: Visit, person: str) -> None:
    """Records in the access journal that somebody else ended the address of a person's diary."""
    noted = line(visit, visit.request.url.path, What.CALENDAR_ENDED)
    await store.note(visit.connection, replace(noted, about=person))


async def record_departure(visit: Visit, person: str, departure: Departure) -> None:
    """Records in the access journal what a departure ended: calendar feed, API keys."""
    if departure.diary:
        await record_diary_ended(visit, person)
    for key in departure.keys:
        noted = line(visit, visit.request.url.path, What.KEY_REVOKED)
        await store.note(visit.connection, replace(noted, about=key))


async def record_refusal(connection: Connection, visit: Visit, page: Page, status: int) -> None:
    """Records in the access journal that the request of somebody signed in was refused."""
    if status in REFUSED and visit.signed_in is not None:
        await store.note(connection, line(visit, page.path, What.REFUSAL))


async def record_sign_in(visit: Visit, what: What, person: str | None = None) -> None:
    """Records in the access journal that somebody signed in or out, or failed to."""
    noted = line(visit, visit.request.url.path, what, person)
    await store.note(visit.connection, noted)


def line(visit: Visit, path: str, what: What, person: str | None = None) -> JournalLine:
    """Makes the access-journal line for this request: who, from where, which page."""
    return JournalLine(
        visit.now, what, person or visit.decides_as, _address(visit.request), path, _about(visit)
    )


def _about(visit: Visit) -> str:
    found = (str(visit.request.path_params.get(name, "")) for name in _ABOUT)
    return next((item_id for item_id in found if _NUMBER.fullmatch(item_id)), "")


def _address(request: Request) -> str | None:
    return None if request.client is None else request.client.host
