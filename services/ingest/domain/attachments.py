"""Which attached files are worth reading, what waits for it, and what was read of them.

« Veuillez trouver ma lettre ci-jointe » is the most ordinary mail there is: nothing automatic
answers it before the letter went through the same rules as what is written.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from services.ingest.domain.mail import Mail
from services.ingest.domain.programs import PROGRAM
from shared.content.phrases import Phrases, fold_texts
from shared.content.plis import Attachment, Pli
from shared.content.word_places import WordPlaces
from shared.facts.observations import ReadAttachments
from shared.facts.vocabulary import AttachmentReading

FEW_WORDS = 40
"""Words of its own below which a mail says little without what is attached to it."""
MOST_FILES = 20
"""Attached files of a mail that are read; further ones are said to be unread."""
TOO_MANY = "too-many"
INFECTED = "infected"
_SMALLEST_PICTURE = 20_000
"""Octets: logos and smileys of a signature are below, photos of a letter far above."""
_NEVER = ("audio/", "video/", "font/", "text/calendar", "text/vcard", "text/x-vcard", PROGRAM)
_SIGNATURES = ("pkcs7-signature", "pgp-signature", "pgp-keys", "pgp-encrypted", "x-pkcs7-signature")
_ENCLOSED = Phrases(
    (
        *("ci-joint", "ci-jointe", "ci-joints", "ci-jointes", "ci-inclus", "ci-incluse"),
        *("pièce jointe", "pièces jointes", "en pj", "pj", "p. j.", "en annexe", "en attaché"),
        *("fichier joint", "fichiers joints", "document joint", "documents joints"),
        *("courrier joint", "lettre jointe", "joint à ce mail", "joint à ce message"),
        *("joints à ce mail", "joints à ce message", "attached", "enclosed", "attachment"),
        *("veuillez trouver", "vous trouverez", "trouverez joint", "je vous joins", "je joins"),
        *("en attachement", "ci-après joint", "jointe à la présente", "joint au présent"),
    )
)


def worth_reading(attachments: Sequence[Attachment]) -> tuple[Attachment, ...]:
    """Returns the attachments that may hold what somebody wrote, at most twenty."""
    return tuple(file for file in attachments if _may_say_something(file))[:MOST_FILES]


def _may_say_something(file: Attachment) -> bool:
    if file.media_type.startswith(_NEVER) or file.media_type.endswith(_SIGNATURES):
        return False
    picture = file.media_type.startswith("image/")
    return file.size > (_SMALLEST_PICTURE if picture else 0)


def reading_of(mail: Mail, own_text: str, *, antivirus: bool = False) -> AttachmentReading | None:
    """Returns whether a mail's automatic answer waits until its attachments are read, or does not.

    `None` when none is worth reading. `antivirus`: there is one, which scans every attachment, so
    that it also matters where none is worth reading.
    """
    if not worth_reading(mail.attachments):
        return AttachmentReading.BESIDE if antivirus and mail.attachments else None
    few = len(own_text.split()) < FEW_WORDS
    named = _ENCLOSED.hit(fold_texts(mail.subject, own_text)) is not None
    return AttachmentReading.AWAITED if few or named else AttachmentReading.BESIDE


@dataclass(frozen=True, slots=True)
class AttachmentText:
    """The text of one attached file; `unread` says why a part of it could not be read."""

    text: str = ""
    unread: str | None = None
    pages: tuple[str, ...] = ()
    """What OCR read on each page of the file itself, not of one in it."""
    places: tuple[WordPlaces, ...] = ()
    """Where the words of `pages` stand."""
    sha256: str = ""
    """Of the file, where a stored pli says it: its parts may be numbered otherwise today."""


@dataclass(frozen=True, slots=True)
class AttachedTexts:
    """The texts of the files attached to a mail, by their MIME part."""

    by_part: Mapping[int, AttachmentText] = field(default_factory=dict)
    looked: Mapping[str, str] = field(default_factory=dict)
    """What an antivirus calls the virus in a file that it looked at, "" for none, by SHA-256."""
    too_large: AbstractSet[str] = frozenset()
    """Files, by SHA-256, that are too large for it."""

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that were read, in the order of their parts."""
        return tuple(found.text for _, found in sorted(self.by_part.items()) if found.text)

    @property
    def counts(self) -> ReadAttachments:
        """The number of files that were read whole, and of those that could not be."""
        unread = sum(found.unread is not None for found in self.by_part.values())
        return ReadAttachments(read=len(self.by_part) - unread, unread=unread)

    def covers(self, attachments: Sequence[Attachment]) -> bool:
        """Whether each of these attachments that is worth reading was read whole."""
        return all(
            (found := self._of(file)) is not None and found.unread is None
            for file in worth_reading(attachments)
        )

    def kept_in(self, pli: Pli, *, antivirus: bool = False) -> Pli:
        """Returns a mail's pli (content as JSON) with these texts and antivirus results added.

        `antivirus`: there is one, so that a file which it has not scanned is marked so.
        """
        files = tuple(self._kept(file, antivirus=antivirus) for file in pli.attachments)
        return pli.model_copy(update={"attachments": files})

    def _kept(self, file: Attachment, *, antivirus: bool) -> Attachment:
        virus = self.looked.get(file.sha256)
        said: dict[str, object] = {
            "unlooked": antivirus and virus is None,
            "virus": virus or "",
            "too_large": antivirus and virus is None and file.sha256 in self.too_large,
        }
        if (found := self._of(file)) is not None:
            said |= {
                "text": found.text,
                "unread": found.unread,
                "pages": found.pages,
                "places": found.places,
            }
        return file.model_copy(update=said)

    def _of(self, file: Attachment) -> AttachmentText | None:
        """Never another file's text, whatever number the part had when it was read."""
        found = self.by_part.get(file.part)
        if found is not None and not found.sha256:
            return found
        return next((text for text in self.by_part.values() if text.sha256 == file.sha256), None)


NOT_READ = AttachedTexts()


def read_before(attachments: Sequence[Attachment]) -> AttachedTexts | None:
    """Returns the attachments' texts as a stored pli has them; `None` when none was ever read."""
    said = {
        file.part: AttachmentText(file.text, file.unread, file.pages, file.places, file.sha256)
        for file in attachments
        if file.text or file.unread is not None
    }
    if not said:
        return None
    return AttachedTexts(said, looked_before(attachments), too_large_before(attachments))


def looked_before(attachments: Sequence[Attachment]) -> Mapping[str, str]:
    """Returns the antivirus results that a stored pli has for its attachments, by SHA-256.

    As in `Looks`: a virus's name, or "" for a clean file.
    """
    return {file.sha256: file.virus for file in attachments if not file.unlooked}


def too_large_before(attachments: Sequence[Attachment]) -> AbstractSet[str]:
    """Returns the files, by SHA-256, of which a stored pli says that no antivirus takes them."""
    return {file.sha256 for file in attachments if file.too_large}


def unread(attachments: Sequence[Attachment], why: str) -> AttachedTexts:
    """Makes the empty texts of attachments that could not be read, each with the reason code."""
    return AttachedTexts({file.part: AttachmentText(unread=why) for file in attachments})


def with_late(read: AttachedTexts, wanted: Sequence[Attachment], why: str) -> AttachedTexts:
    """Returns attachment texts with the wanted files that they lack added as unread, for `why`."""
    missing = [file for file in wanted if file.part not in read.by_part]
    return replace(read, by_part={**unread(missing, why).by_part, **read.by_part})
