"""`/courrier/CHRONO/mail-securise`: an item's letters that leave as mails sécurisés."""

from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.domain.item import Item
from services.desk.french import labels_fr, secure_mail_words
from services.desk.french.names import Names
from services.desk.pages.downloads import a_file, our_file
from services.desk.pages.parapheur.parapheur import PDF, read_item, read_octets
from services.desk.pages.visit import Visit
from services.desk.parapheur import mail_attempts
from services.desk.store import items, secure_mails
from services.desk.store.secure_mails import OPEN, SecureMailState, StoredSecureMail
from shared.content import plis
from shared.content.plis import Pli
from shared.errors import VaguemestreError

NOTHING_READ: Final[tuple[str, ...]] = ()


async def show_mails(visit: Visit) -> Response:
    """Shows an item's letters that leave as mails sécurisés, the last one first; who read them."""
    item = await read_item(visit, decides=False)
    found = await secure_mails.of_item(visit.connection, item.item_id)
    async with visit.apart():
        texts = [await _pli(visit, mail) for mail in found]
    return await visit.html(
        "parapheur/secure_mails.html",
        chrono=item.chrono,
        decides=visit.may_decide(item),
        mails=[_shown(mail, pli, visit) for mail, pli in zip(found, texts, strict=True)],
    )


def _shown(mail: StoredSecureMail, pli: Pli | None, visit: Visit) -> Mapping[str, object]:
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    given = mail.given
    to = NOTHING_READ if pli is None else (pli.answer_to.address, *pli.copies)
    return {
        "url": f"{_url(visit)}/{given.letter}",
        "what": labels_fr.NOTICES[given.kind],
        "state": secure_mail_words.state(mail, zone),
        "why": secure_mail_words.why(mail),
        "given": labels_fr.moment(given.given_at, zone),
        "by": names.person(given.given_by),
        "remote": mail.remote or "",
        "recipients": secure_mail_words.readings(mail, to, zone),
        "reminders": mail.reminders,
        "files": [] if pli is None else [file.name for file in pli.enclosures],
        "sent": mail.state is SecureMailState.SENT,
        "read": bool(mail.read_at and mail.read_at[0]),
        "late": _is_late(mail, visit),
        "open": mail.state in OPEN,
        "failed": mail.state is SecureMailState.FAILED,
        "looked": mail.state is SecureMailState.FAILED and mail.next_at is not None,
        "returned": mail.returned,
        "signed": given.signed is not None,
        "other_way": mail.state in {SecureMailState.FAILED, SecureMailState.TAKEN_BACK}
        and not mail.may_leave_yet,
    }


def _is_late(mail: StoredSecureMail, visit: Visit) -> bool:
    """Whether its day came and its addressee has not read it, or its link came back."""
    unread = mail.state is SecureMailState.SENT and not any(mail.read_at[:1])
    over = mail.unread_from is not None and mail.unread_from <= visit.today
    return unread and (over or mail.returned)


async def download_letter(visit: Visit) -> Response:
    """Downloads the PDF of a letter that leaves as mail sécurisé. Raises HTTPException 404."""
    item = await read_item(visit, decides=False)
    mail = await _named(visit, item)
    octets = await read_octets(visit, mail.given.document)
    return our_file(octets, PDF, f"{item.chrono}-mail-securise.pdf")


async def download_annex(visit: Visit) -> Response:
    """Downloads a file that goes with a mail sécurisé. Raises HTTPException 404."""
    mail = await _named(visit, await read_item(visit, decides=False))
    number = visit.request.path_params["number"]
    async with visit.apart():
        pli = await _pli(visit, mail)
    if pli is None or number >= len(pli.enclosures):
        raise HTTPException(404)
    file = pli.enclosures[number]
    return a_file(await read_octets(visit, file.key), file.name)


async def take_back(visit: Visit) -> Response:
    """Handles the form that takes back a mail sécurisé that has not left. Raises Refused."""
    await visit.form()
    item, mail = await _to_decide(visit)
    await mail_attempts.take_back(visit.connection, mail.given.letter, visit.now)
    said = (
        f"{item.chrono}\N{NO-BREAK SPACE}: la lettre est reprise. Si Pastell l’avait déjà envoyée,"
        " cette page le dira."
    )
    return await visit.to(_url(visit), said=said)


async def try_again(visit: Visit) -> Response:
    """Handles the form that gives Pastell again a mail sécurisé that failed. Raises Refused."""
    await visit.form()
    _, mail = await _to_decide(visit)
    await mail_attempts.try_again(visit.connection, mail.given.letter)
    return await visit.to(_url(visit), said="La lettre est donnée de nouveau à Pastell.")


async def _to_decide(visit: Visit) -> tuple[Item, StoredSecureMail]:
    """The item, locked, and the mail of the address."""
    item = await read_item(visit, decides=True)
    item = (await items.lock(visit.connection, [item.item_id]))[item.item_id].item
    return item, await _named(visit, item)


async def _named(visit: Visit, item: Item) -> StoredSecureMail:
    wanted = visit.request.path_params["letter"]
    for mail in await secure_mails.of_item(visit.connection, item.item_id):
        if mail.given.letter == wanted:
            return mail
    raise HTTPException(404, "Cette lettre n’est pas un mail sécurisé.")


async def _pli(visit: Visit, mail: StoredSecureMail) -> Pli | None:
    """To whom it goes, and what with it; `None` while that can't be read, or is erased."""
    try:
        return await plis.read(visit.blobs, mail.given.pli)
    except VaguemestreError:
        return None


def _url(visit: Visit) -> str:
    return f"/courrier/{visit.request.path_params['chrono']}/mail-securise"
