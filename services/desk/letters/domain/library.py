"""Versions of a standard letter and what may happen to them; pure: a step gives the next state.

    draft ──submit──▶ submitted ──approve──▶ approved ──withdraw──▶ withdrawn
      ▲                  │                       (or the next one is approved)
      └── written again ─┘

An approved text never changes: whoever wants it otherwise writes the next version.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType

from services.desk.letters.domain.approval import Readers
from services.desk.letters.domain.fields import wrongs
from services.desk.letters.domain.sheets import SheetContent, SheetKind, sheet_wrongs
from shared.errors import Refused
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.vocabulary import NoticeKind

LetterId = NewType("LetterId", str)
"""A short code such as `titre-de-sejour-suivi`."""


class LetterState(StrEnum):
    """The state of a version of a standard letter: draft, submitted, approved, withdrawn."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({LetterState.DRAFT, LetterState.SUBMITTED})
"""Still to be changed."""


@dataclass(frozen=True, slots=True)
class LetterContent:
    """The content of a standard letter, as its author writes it: kind, title, subject, body."""

    kind: NoticeKind | SheetKind
    title: str
    """How the library calls it; no sender reads it."""
    subject: str
    body: str
    """From the salutation to the closing; the signature is added."""
    anonymity: str | None = None
    """Why the agent is not named (L111-2, second paragraph: security); `None`: they are."""
    sheet: SheetContent | None = None
    """Of a slip, panel or poster alone."""

    @property
    def notice(self) -> NoticeKind:
        """The kind of notice as which the letter is sent. Raises Refused if it answers no item.

        That is a text which hangs at a place of reception (slip, panel, poster).
        """
        if isinstance(self.kind, SheetKind):
            raise Refused("This text hangs at a place: it answers no item.", "letter-is-sheet")
        return self.kind


@dataclass(frozen=True, slots=True)
class LetterVersion:
    """A version of a standard letter with its text, author and state."""

    letter: LetterId
    service: ServiceId | None
    """Service that owns it; `None`: every service may use it."""
    number: int
    content: LetterContent
    state: LetterState
    author: PersonId
    """Person who edited the text last."""
    written_at: datetime
    submitted_by: PersonId | None = None
    submitted_at: datetime | None = None
    approved_by: PersonId | None = None
    approved_at: datetime | None = None
    alone: bool = False
    """Approved by its own author, because nobody else could."""
    withdrawn_by: PersonId | None = None
    withdrawn_at: datetime | None = None

    @property
    def name(self) -> str:
        """The name of the version as facts write it: `titre-de-sejour-suivi@3`."""
        return f"{self.letter}@{self.number}"


def write(
    before: LetterVersion, content: LetterContent, person: PersonId, now: datetime, readers: Readers
) -> LetterVersion:
    """Returns a standard letter's version with a new text: its open draft edited, or the next one.

    To be saved. Raises Refused.
    """
    _writes(before, person, readers)
    if before.state is LetterState.APPROVED and before.content == content:
        raise Refused(f"{before.name} says exactly this already.", "letter-unchanged")
    number = before.number if before.state in OPEN else before.number + 1
    return first(before.letter, before.service, content, person, now, readers, number)


def first(
    letter: LetterId,
    service: ServiceId | None,
    content: LetterContent,
    person: PersonId,
    now: datetime,
    readers: Readers,
    number: int = 1,
) -> LetterVersion:
    """Makes the first draft of a standard letter.

    Raises Refused for a wrong text or a person without permission.
    """
    version = LetterVersion(letter, service, number, content, LetterState.DRAFT, person, now)
    _writes(version, person, readers)
    _sound(content)
    return version


def submit(
    version: LetterVersion, person: PersonId, now: datetime, readers: Readers
) -> LetterVersion:
    """Returns a letter's draft as submitted for approval, to be saved.

    Raises Refused for who may not write it, for what is no draft, and for a text that is not sound.
    """
    _writes(version, person, readers)
    _stands(version, LetterState.DRAFT)
    _sound(version.content)
    return replace(version, state=LetterState.SUBMITTED, submitted_by=person, submitted_at=now)


def approve(
    version: LetterVersion, person: PersonId, now: datetime, readers: Readers
) -> LetterVersion:
    """Returns a submitted version of a standard letter as approved, to be saved.

    Raises Refused for a person without permission, or for the author while somebody else could.
    """
    _approves(version, person, readers)
    _stands(version, LetterState.SUBMITTED)
    _sound(version.content)
    alone = person == version.author
    others = sorted(readers.named - {person})
    if alone and others:
        raise Refused(
            f"{person} wrote {version.name}: somebody else approves it, {' or '.join(others)}.",
            "letter-own",
            person=others[0],
        )
    return replace(
        version, state=LetterState.APPROVED, approved_by=person, approved_at=now, alone=alone
    )


def withdraw(
    version: LetterVersion, person: PersonId, now: datetime, readers: Readers
) -> LetterVersion:
    """Returns a version of a standard letter as withdrawn from use, to be saved. Raises Refused.

    A draft may be withdrawn by whoever may write it.
    """
    if version.state in OPEN:
        _writes(version, person, readers)
    else:
        _approves(version, person, readers)
        _stands(version, LetterState.APPROVED)
    return replace(version, state=LetterState.WITHDRAWN, withdrawn_by=person, withdrawn_at=now)


def _sound(content: LetterContent) -> None:
    if isinstance(content.kind, NoticeKind):
        found = wrongs(content.kind, content.title, content.subject, content.body)
    elif content.sheet is None:
        raise Refused("A sheet says where it hangs and when it is read again.", "sheet-months")
    else:
        found = sheet_wrongs(content.title, content.subject, content.body, content.sheet)
    if found:
        raise found[0]


def _writes(version: LetterVersion, person: PersonId, readers: Readers) -> None:
    if person not in readers.writers:
        raise Refused(
            f"{person} may not write letters of {version.service or 'all services'}.",
            "letter-not-writer",
        )


def _approves(version: LetterVersion, person: PersonId, readers: Readers) -> None:
    if person not in readers.approvers:
        raise Refused(
            f"{person} may not approve letters of {version.service or 'all services'}:"
            f" {' or '.join(sorted(readers.named))} may.",
            "letter-not-approver",
            person=min(readers.named, default=""),
        )


def _stands(version: LetterVersion, state: LetterState) -> None:
    if version.state is not state:
        raise Refused(
            f"{version.name} is {version.state}: it must be {state}.",
            "letter-state",
            name=version.name,
            letter_state=version.state.value,
        )
