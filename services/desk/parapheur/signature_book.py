"""The interface of every parapheur, and what it says of a letter; `Pastell` is the real one.

A letter has a reference of ours, and a parapheur that has it already does not take it twice. What
comes back is held against what was sent, on octets: whether a signature is valid nobody here judges
(docs/decisions/0120), a reader of PDF says so.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType, Protocol, TypeAlias

from shared.errors import PermanentFailure, TemporaryFailure

RemoteId = NewType("RemoteId", str)
"""The id that a parapheur gave a letter."""


class BookAway(TemporaryFailure):
    """The error that a parapheur gives no answer, or one that says to come again; text: a code."""


class BookRefuses(PermanentFailure):
    """The error that a parapheur does not take a letter, or does not know it; text: a code."""


class BookUnsure(BookRefuses):
    """The error that a parapheur refuses what it may take a little later; text: a code."""


@dataclass(frozen=True, slots=True)
class Annex:
    """A file that whoever signs reads with a letter: its name, media type and octets."""

    name: str
    """Another one than those of the letter and of its other annexes."""
    media_type: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class LetterToSign:
    """A letter for the parapheur: our reference, a title without a name, the PDF, the circuit."""

    reference: str
    """Stands in no other title: 32 hexadecimal digits."""
    title: str
    document: bytes
    circuit: str
    annexes: Sequence[Annex] = ()
    """Files that go with it, unsigned."""


@dataclass(frozen=True, slots=True)
class StillThere:
    """The parapheur's answer that a letter waits for its signature."""

    why: str = ""
    """Code of what keeps the parapheur from knowing more."""


@dataclass(frozen=True, slots=True)
class SignedThere:
    """The parapheur's answer that a letter was signed: the PDF that came back, who signed."""

    document: bytes
    signers: Sequence[str] = ()
    """First name and name, as the parapheur writes them."""


@dataclass(frozen=True, slots=True)
class RefusedThere:
    """The parapheur's answer that somebody refused to sign; `reason`: their words, perhaps none."""

    reason: str


NoteRemote: TypeAlias = Callable[[RemoteId], Awaitable[None]]
"""Stores the id that a letter has there, before it is in its circuit. Raises BookRefuses: it was
taken back meanwhile."""
BookAnswer: TypeAlias = StillThere | SignedThere | RefusedThere


class SignatureBook(Protocol):
    """The interface of a parapheur, where letters are signed electronically.

    Every method raises BookAway when it can't be asked, and may be repeated.
    """

    async def send(
        self,
        letter: LetterToSign,
        before: RemoteId | None = None,
        noted: NoteRemote | None = None,
    ) -> RemoteId:
        """Gives a letter to its signature circuit, once for each reference; returns its id there.

        `before`: the id that it has there since an earlier time; never made anew then, as it may
        have been signed before it went. `noted`: called with a new id before the circuit begins, by
        a parapheur where letters in circuits are not found by our reference. Raises BookRefuses.
        """
        ...

    async def look(self, remote: RemoteId) -> BookAnswer:
        """Asks what became of a letter at the parapheur. Raises BookRefuses: not there, broken."""
        ...

    async def withdraw(self, reference: str, before: RemoteId | None = None) -> bool:
        """Takes a letter out of the parapheur; returns whether none of this reference is left.

        A parapheur may keep what is in a circuit until somebody there refuses it. `before`: its
        id there since an earlier time; if nothing has it any more, somebody may have signed: False.
        """
        ...


PDF: Final = b"%PDF-"
_SIGNATURE: Final = b"/ByteRange"
"""Stands in each signature of a PDF (PAdES), never compressed: what it covers is counted by it."""


class CameBack(StrEnum):
    """The kinds of documents that a parapheur sends back as signed."""

    SAME = "same"
    """What was sent, with a signature behind it."""
    OTHER = "other"
    """A signed PDF of other octets: a person reads it before it leaves."""
    UNSIGNED = "unsigned"
    NO_PDF = "not-a-pdf"


def judge(sent: bytes, back: bytes) -> CameBack:
    """Returns of which kind the document is that came back signed for the PDF `sent`."""
    if not back.startswith(PDF):
        return CameBack.NO_PDF
    same = back.startswith(sent)
    if _SIGNATURE not in (back[len(sent) :] if same else back):
        return CameBack.UNSIGNED
    return CameBack.SAME if same else CameBack.OTHER
