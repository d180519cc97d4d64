"""The pli: who wrote, to whom, and what, beside the original — the claim check of personal data.

Facts carry a pli's key; this module alone reads and writes the thing. A reply composed at the desk
is a pli too. It lies in the arrival's folder of the blob store, and is destroyed with it.
"""

from datetime import date
from typing import Annotated, Literal, Protocol
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from shared.content.word_places import WordPlaces
from shared.errors import PermanentFailure, VaguemestreError
from shared.facts.envelope import BlobKey

NOT_THEIRS = frozenset({"scan", "keyed"})
"""Kinds of a pli whose subject its sender did not write: nobody quotes it back to them."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Correspondent(_Frozen):
    """A person outside the préfecture, as a letter describes them; never to be trusted."""

    name: str = ""
    address: str = ""
    """E-mail address without its display name; empty for a letter."""
    postal: str = ""
    """Lines of a postal address, when known."""


class Attachment(_Frozen):
    """The description of a file attached to an original; `part`: the number of its MIME part.

    By it the attachment is found in the original, so that its octets are stored only once.
    """

    name: str
    media_type: str
    size: int
    sha256: str
    part: int
    unlooked: bool = False
    """The préfecture has an antivirus, and it has not looked at this one."""
    too_large: bool = False
    """It takes no file so large: it will not look at this one later either."""
    virus: str = ""
    """What the antivirus calls the virus that it found in it."""
    text: str = ""
    """What was read in it, with what it holds; never the sender's own words in the mail."""
    unread: str | None = None
    """Why it, or a part of it, could not be read: a code; `None`: it was, or nobody tried."""
    pages: tuple[str, ...] = ()
    """Of a picture or PDF that OCR read: what it read on each page."""
    places: tuple[WordPlaces, ...] = ()
    """Where the words of `pages` stand."""


class Enclosure(_Frozen):
    """The description of a file that leaves with a letter; its octets are a blob of their own."""

    name: str
    media_type: str
    size: int
    key: BlobKey


class PageStamp(_Frozen):
    """The date stamp that OCR read on a scanned page, and where: a proposal, with its picture.

    Its edges are shares (0 to 1) of the page's width and height, from top left, as it was scanned.
    """

    day: date
    page: Annotated[int, Field(ge=1)]
    left: Annotated[float, Field(ge=0, le=1)]
    top: Annotated[float, Field(ge=0, le=1)]
    right: Annotated[float, Field(ge=0, le=1)]
    bottom: Annotated[float, Field(ge=0, le=1)]
    ratio: Annotated[float, Field(gt=0, le=100)]
    """Height of the page by its width."""
    turned: bool = False
    """The page stands on its head."""


class ScanText(_Frozen):
    """The text that OCR read, page by page, with its confidence (0-100)."""

    pages: tuple[str, ...]
    confidence: Annotated[int, Field(ge=0, le=100)]
    unread: tuple[int, ...] = ()
    """Pages, from 1, that are not blank and that nobody read: past the first forty, or too slow."""
    confidences: tuple[int | None, ...] = ()
    """Of each page; `None`: it has no words. Empty in what was read before November 2026."""
    missed_separator: bool = False
    """It may hold two letters, between which nobody laid a separator sheet."""
    unlooked: bool = False
    """The préfecture has an antivirus, and it could not look at this one when it came."""
    too_large: bool = False
    """It takes no file as large as that in which this one came."""
    stamp: PageStamp | None = None
    """The stamp of arrival on its first page, whose day may be that of its receipt."""
    head: tuple[tuple[str, ...], ...] = ()
    """The blocks of lines in the upper part of its first page, each column by itself."""
    places: tuple[WordPlaces, ...] = ()
    """Where the words of each page stand. Empty in what was read before December 2026."""


class Signature(_Frozen):
    """The S/MIME signature of a mail: whose certificate, who vouches for it; never judged.

    Its name is empty where nobody could read it.
    """

    name: str = ""
    organisation: str = ""
    address: str = ""
    """E-mail address in the certificate, in lower case."""
    issuer: str = ""
    begins: AwareDatetime | None = None
    ends: AwareDatetime | None = None
    """The certificate's days, as its issuer set them."""
    chain: Literal["known", "unknown", "unchecked"] = "unchecked"
    """Whether an authority that the préfecture knows vouches for it; `unchecked`: it names none."""
    content: Literal["same", "changed", "unchecked"] = "unchecked"
    """Whether what came is what was signed."""


class Pli(_Frozen):
    """The content (pli) of one arrival or composed reply: sender, subject, text, attachments."""

    kind: Literal["mail", "scan", "form", "composed", "bundle", "keyed"]
    """`keyed`: by a person, at the counter or in the register that was kept before.

    `bundle`: composed too, with files, copies or a PDF of its own: whoever can't read those holds
    it.
    """
    sender: Correspondent
    answer_to: Correspondent
    """Where an answer goes: Reply-To, else the sender; for a form, the person in its fields."""
    on_behalf: Correspondent | None = None
    """The person for whom a third party writes."""
    to: tuple[str, ...] = ()
    """Of a copy of a letter composed at the desk: the one to whom the letter itself goes."""
    copies: tuple[str, ...] = ()
    """Of a letter composed at the desk, and of its copies: who has a copy, as all of them read."""
    subject: str = ""
    text: str = ""
    """The sender's own text, quoted replies left out; for a scan, all of the OCR."""
    quoted: str = ""
    html: str = ""
    """Already cleaned by an allow-list: no script, no style, no remote image."""
    attachments: tuple[Attachment, ...] = ()
    message_id: str = ""
    references: tuple[str, ...] = ()
    written: AwareDatetime | None = None
    """The sender's own date: shown, never counted with."""
    scan: ScanText | None = None
    signatures: tuple[Signature, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    """Of a letter composed at the desk: the files that leave with it."""
    printed: BlobKey | None = None
    """Of a letter composed at the desk for the mail office: its PDF, to be printed as it is."""

    @property
    def addressee(self) -> Correspondent:
        """The correspondent to answer, with the sender's name where `answer_to` has none."""
        if self.answer_to.name or not self.sender.name:
            return self.answer_to
        return self.answer_to.model_copy(update={"name": self.sender.name})


def pli_to_answer(pli: Pli | None, noted: Pli | None) -> Pli | None:
    """Returns the pli to answer: an arrival's, with the recipient from the pli `noted` by a person.

    With one of them alone, returns that; `None` without either.
    """
    if noted is None:
        return pli
    if pli is None:
        return noted
    return pli.model_copy(update={"answer_to": noted.answer_to})


class Store(Protocol):
    """The part of a blob store's interface that plis need (shared/content/blobs.py)."""

    async def put(self, year: int, arrival_id: UUID, content: bytes) -> BlobKey:
        """Stores octets as a blob; returns its key once they are on the disk."""
        ...

    async def get(self, key: BlobKey) -> bytes:
        """Reads a blob's octets and verifies their SHA-256."""
        ...


def octets(pli: Pli) -> bytes:
    """Serialises a pli (content of an arrival) to JSON octets."""
    return pli.model_dump_json().encode()


async def write(store: Store, year: int, arrival_id: UUID, pli: Pli) -> BlobKey:
    """Stores a pli (content of an arrival) in the blob store; returns its key."""
    return await store.put(year, arrival_id, octets(pli))


async def read(store: Store, key: BlobKey) -> Pli:
    """Reads a pli (content of an arrival) from the blob store.

    Raises PermanentFailure if its octets are no pli, and what the store raises.
    """
    try:
        return Pli.model_validate_json(await store.get(key))
    except ValidationError as error:
        raise PermanentFailure(
            f"Blob {key} is no pli: run `vaguemestre ingest reconcile`."
        ) from error


async def subject_of(store: Store, key: BlobKey | None) -> str:
    """Returns the subject in a stored pli; `""` where there is none or it can't be read now."""
    if key is None:
        return ""
    try:
        return (await read(store, key)).subject
    except VaguemestreError:
        return ""
