"""The text of a prepared letter at one step, kept in a file, and what was corrected, by words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from services.desk.letters.domain.merge_fields import Filled, as_typed
from shared.content.plis import Enclosure

MOST_WORDS: Final = 6_000
"""Of both texts together; longer ones are compared by lines, since words would take seconds."""
MOST_LINES: Final = 4_000
"""Of both; beyond it one text stands for the other: of like lines each is compared with each."""
_WORDS: Final = re.compile(r"\S+\s*|\s+")
_LINES: Final = re.compile(r"[^\n]*\n|[^\n]+")


class PreparedText(BaseModel):
    """A letter as somebody left it: subject, body, and what the fields of its standard say."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    subject: str
    body: str
    asked: Mapping[str, str] = Field(default_factory=dict)
    """What whoever prepared it answered, by field: the date that it announces, the pieces."""
    copies: tuple[str, ...] = ()
    """Addresses to which copies of it go, by mail."""
    files: tuple[Enclosure, ...] = ()
    """What leaves with it, in the order in which its reader finds it."""

    @property
    def filled(self) -> Filled:
        """Subject and body, as a letter is composed of them."""
        return Filled(self.subject, self.body)

    @property
    def whole(self) -> str:
        """Subject, body and whoever has a copy as one text, to be compared with another."""
        copies = f"\n\nCopie à : {', '.join(self.copies)}" if self.copies else ""
        return f"{self.subject}\n\n{self.body}{copies}"

    @classmethod
    def of(
        cls,
        subject: str,
        body: str,
        asked: Mapping[str, str],
        copies: Sequence[str] = (),
        files: Sequence[Enclosure] = (),
    ) -> "PreparedText":
        """Makes it of what was typed, with unified ends of lines, so that it can be compared."""
        typed = as_typed(subject, body)
        return cls(
            subject=typed.subject,
            body=typed.body,
            asked=dict(asked),
            copies=tuple(copies),
            files=tuple(files),
        )

    def octets(self) -> bytes:
        """Serialises it to JSON octets."""
        return self.model_dump_json().encode()


class ChangeKind(StrEnum):
    """Whether words of a text were kept, removed or added."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class WordChange:
    """Words of a text, with their blanks, that were kept, removed or added."""

    kind: ChangeKind
    text: str


def word_changes(before: str, after: str) -> Sequence[WordChange]:
    """Compares two texts by words; returns what was kept, removed and added, in reading order.

    What was removed comes before what stands in its place. The kept and added parts together are
    `after`; a word is the same only with the same end of line behind it. Runs of the same kind
    are joined.
    """
    if before == after:
        return [WordChange(ChangeKind.KEPT, after)] if after else []
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > MOST_WORDS:
        old, new = _LINES.findall(before), _LINES.findall(after)
        if len(old) + len(new) > MOST_LINES:
            old, new = [before], [after]
    found = list[WordChange]()
    ours, theirs = [_plain(word) for word in old], [_plain(word) for word in new]
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            found.append(WordChange(ChangeKind.KEPT, "".join(new[c:d])))
            continue
        if a < b:
            found.append(WordChange(ChangeKind.REMOVED, "".join(old[a:b])))
        if c < d:
            found.append(WordChange(ChangeKind.ADDED, "".join(new[c:d])))
    return found


def is_changed(changes: Sequence[WordChange]) -> bool:
    """Whether any word was added or removed."""
    return any(change.kind is not ChangeKind.KEPT for change in changes)


def _plain(word: str) -> str:
    """A word by which it is compared: how many blanks follow says nothing, a new line does."""
    return word.strip() + "\n" * word.count("\n")
