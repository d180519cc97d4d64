"""A composed letter leaves: by email, or as the PDF that the mail office prints.

Its text and its files lie in one folder of the blob store, named after the decision.
"""

from collections.abc import Sequence

from services.desk.decider import Decider
from services.desk.domain.item import Item
from services.desk.letters.composer import (
    ComposedLetter,
    address_of,
    addressee_of,
    check_complete,
    note_use,
    order_of,
)
from services.desk.letters.enclosure_files import keep_file
from services.desk.letters.letter_document import pdf
from services.desk.store import circuit_letters, items, secure_mails
from shared.content import plis
from shared.content.plis import Correspondent, Pli, Store
from shared.errors import Refused
from shared.facts.envelope import BlobKey
from shared.facts.vocabulary import NoticeKind, Way
from shared.paper.code_keys import CodeKeys


async def send(by: Decider, letter: ComposedLetter, blobs: Store) -> Item:
    """Orders a composed letter to be sent by email; notify publishes when it was sent.

    Raises Refused when the form check fails, no address is known, or another letter of its kind is
    being read or signed.
    """
    check_complete(letter)
    item = letter.matter.item
    if not address_of(letter):
        raise Refused(
            f"No address is known for {item.chrono}: take the letter as PDF or .odt.",
            "letter-no-address",
            chrono=item.chrono,
        )
    await _alone(by, letter)
    pli, copies, beside = await _keep(by, letter, blobs)
    after = await by.about(item.item_id, order_of(letter, pli, copies=copies))
    await note_use(by, letter, "mail", beside)
    return after


async def order_print(by: Decider, letter: ComposedLetter, blobs: Store, keys: CodeKeys) -> Item:
    """Orders a composed letter to be printed by the mail office, as the PDF that was read.

    Raises Refused when the form check fails, when the decision that it is would be refused, when
    its text is not printed whole, or when another letter of its kind is being read or signed.
    """
    check_complete(letter)
    if letter.version.content.notice is NoticeKind.THIRD:
        raise Refused("A letter to a third party is taken as PDF.", "letter-third-paper")
    await _alone(by, letter)
    octets = await pdf(letter, keys)
    printed = await blobs.put(letter.matter.today.year, by.decision, octets)
    pli, _, beside = await _keep(by, letter, blobs, printed)
    after = await by.about(letter.matter.item.item_id, order_of(letter, pli, Way.PAPER))
    await note_use(by, letter, "pdf", beside)
    return after


async def _alone(by: Decider, letter: ComposedLetter) -> None:
    """Locks the item, and refuses a second letter of a kind while one is prepared."""
    item_id = letter.matter.item.item_id
    await items.lock(by.connection, [item_id])
    await circuit_letters.none_open_of(by.connection, item_id, letter.version.content.notice)
    await secure_mails.none_open(by.connection, item_id)


async def _keep(
    by: Decider, letter: ComposedLetter, blobs: Store, printed: BlobKey | None = None
) -> tuple[BlobKey, Sequence[BlobKey], Sequence[BlobKey]]:
    """Stores a composed letter's whole text as a pli, those of its copies, and its files.

    Returns all keys: of the letter, of its copies, of its files.

    `printed`: its PDF, which the mail office prints as it is.
    """
    nobody, to, year = Correspondent(), None, letter.matter.today.year
    if letter.version.content.notice is NoticeKind.THIRD:
        to = addressee_of(letter)
    files = [await keep_file(blobs, year, by.decision, file) for file in letter.files]
    pli = Pli(
        kind="bundle" if printed or letter.files or letter.copies else "composed",
        sender=nobody,
        answer_to=to or nobody,
        subject=letter.text.subject,
        text=letter.text.whole,
        copies=tuple(letter.copies),
        printed=printed,
        enclosures=tuple(files),
    )
    keys = [file.key for file in files]
    beside = keys if printed is None else [*keys, printed]
    key = await plis.write(blobs, year, by.decision, pli)
    copies = [await plis.write(blobs, year, by.decision, copy) for copy in _copies(letter, pli)]
    return key, copies, beside


def _copies(letter: ComposedLetter, pli: Pli) -> Sequence[Pli]:
    """The pli of each copy of a letter: its own, with the address to which the copy goes."""
    to = (address_of(letter),)
    return [
        pli.model_copy(update={"answer_to": Correspondent(address=address), "to": to})
        for address in letter.copies
    ]
