"""`/courrier/CHRONO/parapheur`: letters of an item that went there, the last one first."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.domain.decisions.waits import FromSignature
from services.desk.domain.item import Item
from services.desk.french import labels_fr, parapheur_words, secure_mail_words
from services.desk.french.names import Names
from services.desk.french.secure_mail_words import GIVEN_TO_PASTELL
from services.desk.pages.downloads import a_file, our_file
from services.desk.pages.visit import Visit
from services.desk.parapheur import attempts, signature_departures
from services.desk.rights import Sight
from services.desk.store import items, parapheur_letters, secure_mails
from services.desk.store.parapheur_letters import (
    UNSIGNED,
    ParapheurLetter,
    ParapheurState,
)
from services.desk.store.secure_mails import OPEN, StoredSecureMail
from shared.content import plis
from shared.content.plis import Enclosure
from shared.errors import PermanentFailure, VaguemestreError
from shared.facts.envelope import BlobKey

PDF: Final = "application/pdf"


async def show_letters(visit: Visit) -> Response:
    """Shows the letters of an item in the parapheur (signature book), and what can be done."""
    item = await read_item(visit, decides=False)
    found = await parapheur_letters.of_item(visit.connection, item.item_id)
    mails = await secure_mails.of_item(visit.connection, item.item_id)
    async with visit.apart():
        annexes = [await _annexes(visit, letter) for letter in found]
        addresses = [await _address(visit, letter) for letter in found]
    return await visit.html(
        "parapheur/letters.html",
        chrono=item.chrono,
        decides=visit.may_decide(item),
        letters=[
            {
                **_shown(letter, item, visit),
                **_mailed(letter, mails, item, visit),
                "to": to,
                "annexes": [file.name for file in named],
            }
            for letter, named, to in zip(found, annexes, addresses, strict=True)
        ],
    )


def _shown(letter: ParapheurLetter, item: Item, visit: Visit) -> Mapping[str, object]:
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    given = letter.given
    return {
        "url": f"/courrier/{visit.request.path_params['chrono']}/parapheur/{given.letter}",
        "what": labels_fr.NOTICES[given.kind],
        "state": parapheur_words.state(letter, zone),
        "why": parapheur_words.why(letter),
        "given": labels_fr.moment(given.given_at, zone),
        "by": names.person(given.given_by),
        "signatory": names.person(given.signatory),
        "signers": ", ".join(letter.signers),
        "reason": letter.reason or "",
        "signed": letter.signed is not None,
        "another": ""
        if letter.left_at is not None
        else parapheur_words.warning(letter, visit.directory.person(given.signatory)),
        "doubt": _doubt(visit, item, letter),
        "other": letter.same is False and letter.left_at is None,
        "unsigned": letter.state in UNSIGNED,
        "failed": letter.state is ParapheurState.FAILED,
        "looked": letter.state is ParapheurState.FAILED and letter.next_at is not None,
    }


def _mailed(
    letter: ParapheurLetter, mails: Sequence[StoredSecureMail], item: Item, visit: Visit
) -> Mapping[str, object]:
    """What is said of the mail sécurisé by which a letter leaves, and whether a person may send it.

    `mails`: all of its item, the last one first.
    """
    own = next((mail for mail in mails if mail.given.signed == letter.given.letter), None)
    left = letter.left_at is not None or (
        own is not None and signature_departures.is_sent_of(own, letter)
    )
    waits = letter.signed is not None and not left
    on_its_way = own is not None and (own.state in OPEN or own.may_leave_yet)
    zone, wanted = visit.applied.site.zone, letter.given.mail is not None
    offered = waits and wanted and not on_its_way and secure_mails.sends(visit.applied)
    over = offered and signature_departures.is_over(item, letter)
    return {
        "wanted": wanted,
        "mail": "" if own is None else secure_mail_words.state(own, zone),
        "on_its_way": waits and on_its_way,
        "leaves": waits and not on_its_way,
        "mails": offered and not over,
        "over": over,
    }


async def download_given(visit: Visit) -> Response:
    """Downloads the PDF of a letter that was given to the parapheur (signature book)."""
    letter, name = await _letter(visit)
    return our_file(await read_octets(visit, letter.given.document), PDF, f"{name}.pdf")


async def download_signed(visit: Visit) -> Response:
    """Downloads the signed letter from the parapheur. Raises HTTPException 404 if none is back."""
    letter, name = await _letter(visit)
    if letter.signed is None:
        raise HTTPException(404, "Cette lettre n’est pas revenue signée.")
    return a_file(await read_octets(visit, letter.signed), f"{name}-signee.pdf")


async def download_annex(visit: Visit) -> Response:
    """Downloads a file that went to the parapheur with a letter. Raises HTTPException 404."""
    letter, _ = await _letter(visit)
    number = visit.request.path_params["number"]
    async with visit.apart():
        named = await _annexes(visit, letter)
    if number >= len(named):
        raise HTTPException(404)
    return a_file(await read_octets(visit, named[number].key), named[number].name)


async def _annexes(visit: Visit, letter: ParapheurLetter) -> Sequence[Enclosure]:
    """The files that went with a letter; none while what names them can't be read."""
    if letter.given.annexes is None:
        return ()
    try:
        return (await plis.read(visit.blobs, letter.given.annexes)).enclosures
    except VaguemestreError:
        return ()


async def _address(visit: Visit, letter: ParapheurLetter) -> str:
    """To whom a letter leaves as mail sécurisé; empty: it does not, or that can't be read."""
    if letter.given.mail is None:
        return ""
    try:
        return (await plis.read(visit.blobs, letter.given.mail)).answer_to.address
    except VaguemestreError:
        return ""


async def take_back(visit: Visit) -> Response:
    """Handles the form that takes an unsigned letter back from the parapheur (signature book).

    Whoever had the item before has it again.
    """
    form = await visit.form()
    item, letter = await _to_decide(visit)
    await attempts.take_back(visit.connection, letter.given.letter, visit.now)
    if item.signatory == letter.given.signatory and not item.ended:
        await visit.decider(form.decision).about(item.item_id, FromSignature())
    said = f"{item.chrono}\N{NO-BREAK SPACE}: la lettre est reprise, elle ne partira pas."
    return await visit.to(_url(visit), said=said)


async def try_again(visit: Visit) -> Response:
    """Handles the form that gives the parapheur (signature book) again a letter that it refused."""
    await visit.form()
    _, letter = await _to_decide(visit)
    await attempts.try_again(visit.connection, letter.given.letter)
    return await visit.to(_url(visit), said="La lettre est donnée de nouveau au parapheur.")


async def depart(visit: Visit) -> Response:
    """Handles the form that records that a signed letter left: it stops the clock of a reply."""
    form = await visit.form()
    item, letter = await _to_decide(visit)
    await secure_mails.none_open(visit.connection, item.item_id)
    await signature_departures.not_mailed(visit.connection, letter)
    noted = await attempts.note_departure(visit.connection, letter.given.letter, visit.now)
    by = visit.decider(form.decision)
    kind, used = noted.given.kind, parapheur_letters.use_of(noted.given)
    after, departure = await by.depart(
        item.item_id, kind, visit.today, used.until, noted.signed, used
    )
    said = f"{after.chrono}\N{NO-BREAK SPACE}: départ enregistré sous le numéro {departure}."
    return await visit.to(f"/courrier/{after.chrono}", said=said)


async def send_mail(visit: Visit) -> Response:
    """Handles the form that sends a signed letter as mail sécurisé, which did not leave by itself.

    Raises Refused.
    """
    form = await visit.form()
    item, letter = await _to_decide(visit)
    by, applied = visit.person.id, visit.applied
    await signature_departures.leave(
        visit.connection, letter, item, applied, form.decision, by, visit.now
    )
    return await visit.to(_url(visit), said=GIVEN_TO_PASTELL)


def _doubt(visit: Visit, item: Item, letter: ParapheurLetter) -> str:
    """What to look at where no delegation is known of whoever signed; they may have had one.

    The directory forgets who left, and delegations that were ended.
    """
    given, site = letter.given, visit.applied.site
    if letter.signed is None or letter.left_at is not None:
        return ""
    day = (letter.ended_at or visit.now).astimezone(site.zone).date()
    service = site.service_now(item.service)
    if service and visit.directory.delegation(given.signatory, service.id, given.kind, day):
        return ""
    chosen = visit.directory.person(given.signatory)
    return parapheur_words.doubt(chosen, labels_fr.short_day(day))


async def read_item(visit: Visit, *, decides: bool) -> Item:
    """Reads the item of the address, for whoever reads all of it. Raises HTTPException 403, 404.

    `decides`: only for whoever may decide about it.
    """
    found = await visit.item(visit.request.path_params["chrono"], decides=decides)
    if visit.sight(found.item) is not Sight.WHOLE:
        raise HTTPException(403, "Le contenu de ce courrier est réservé.")
    return found.item


async def _letter(visit: Visit) -> tuple[ParapheurLetter, str]:
    """The letter of the address, and the name of its files."""
    item = await read_item(visit, decides=False)
    return await _named(visit, item), f"{item.chrono}-parapheur"


async def _to_decide(visit: Visit) -> tuple[Item, ParapheurLetter]:
    """The item, locked, and the letter of the address."""
    item = await read_item(visit, decides=True)
    item = (await items.lock(visit.connection, [item.item_id]))[item.item_id].item
    return item, await _named(visit, item)


async def _named(visit: Visit, item: Item) -> ParapheurLetter:
    wanted = visit.request.path_params["letter"]
    for letter in await parapheur_letters.of_item(visit.connection, item.item_id):
        if letter.given.letter == wanted:
            return letter
    raise HTTPException(404, "Cette lettre n’est pas allée au parapheur.")


async def read_octets(visit: Visit, key: BlobKey) -> bytes:
    """Reads a file of a letter from the disk. Raises HTTPException 404 where it is gone."""
    try:
        async with visit.apart():
            return await visit.blobs.get(key)
    except PermanentFailure as error:
        raise HTTPException(404, "Ce document n’est plus dans le registre.") from error


def _url(visit: Visit) -> str:
    return f"/courrier/{visit.request.path_params['chrono']}/parapheur"
