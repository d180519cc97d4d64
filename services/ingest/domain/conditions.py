"""What a rule's condition asks, compiled once into questions to an arrival's folded texts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from services.ingest.domain.addresses import AddressList
from shared.content.phrases import FoldedText, Phrases, fold, fold_texts, join_folded
from shared.facts.envelope import ServiceId
from shared.facts.vocabulary import Channel, Theme
from shared.site.tables.routing import Condition

_EDGE_LINES = 15
"""Lines at the head and at the foot of a text in which a sender names their function."""


@dataclass(frozen=True, slots=True)
class MessageFeatures:
    """The features of an arrival that routing rules can test, with texts as they came."""

    channel: Channel
    mailbox: str | None = None
    scan_folder: str | None = None
    separator: str | None = None
    theme: Theme | None = None
    sender_address: str = ""
    sender_name: str = ""
    to: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    unsure: str = ""
    """What the sender quotes, or wrote: read for words of danger alone."""
    headers: Mapping[str, str] | None = None
    """Lower-case name → all values of that header."""
    home: ServiceId | None = None
    """The service whose mailbox, folder or separator sheet it came by."""
    holds: tuple[str, ...] = ()
    """Reasons to hold that others found: two From addresses, forwarded by a colleague."""
    attached: tuple[str, ...] = ()
    """What stands in the attached files, once they are read."""


class Folded:
    """The texts of one arrival normalised for comparison, each when a rule first asks for it."""

    def __init__(self, seen: MessageFeatures) -> None:
        self.seen = seen

    @cached_property
    def subject(self) -> FoldedText:
        """The subject of the arrival alone, normalised for comparison."""
        return fold_texts(self.seen.subject)

    @cached_property
    def words(self) -> FoldedText:
        """The subject, the sender's own text and what is attached, normalised for comparison."""
        return join_folded([self.subject.text, *self._texts])

    @cached_property
    def words_of_danger(self) -> FoldedText:
        """The normalised words of an arrival, quoted ones too, in which danger is looked for."""
        if not self.seen.unsure:
            return self.words
        text, *attached = self._texts
        return join_folded([self.subject.text, text, fold(self.seen.unsure), *attached])

    @cached_property
    def edges(self) -> FoldedText:
        """The sender's name, letterhead and signature, normalised, to find the kind of sender."""
        parts = [fold(self.seen.sender_name)]
        for text, folded in zip((self.seen.text, *self.seen.attached), self._texts, strict=True):
            edges = _edges(text)
            parts.append(folded if edges is text else fold(edges))
        return join_folded(parts)

    @cached_property
    def _texts(self) -> Sequence[str]:
        return [fold(text) for text in (self.seen.text, *self.seen.attached)]


Test: TypeAlias = Callable[[Folded], bool]


def tests_of(when: Condition) -> Iterator[tuple[str, Test]]:
    """Yields the tests of a routing rule's condition, each with its name, the cheapest first."""
    yield from _of_its_way(when)
    yield from _of_its_words(when)


class WordIndex:
    """An index of conditions by the words that they ask for: most of a table ask for others."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        phrases = [Phrases(when.words) for when in conditions]
        self._wordless = frozenset(n for n, asked in enumerate(phrases) if not asked)
        self._by_word: dict[str, set[int]] = {}
        for place, asked in enumerate(phrases):
            for word in asked.words:
                self._by_word.setdefault(word, set()).add(place)
        self._words = frozenset(self._by_word)

    def places(self, text: FoldedText) -> Sequence[int]:
        """Returns the places, ascending, of the conditions whose words do not exclude this text."""
        found = (self._by_word[word] for word in self._words & text.words)
        return sorted(self._wordless.union(*found))


def _of_its_way(when: Condition) -> Iterator[tuple[str, Test]]:
    if when.mailboxes:
        yield "mailboxes", lambda f: f.seen.mailbox in when.mailboxes
    if when.scan_folders:
        yield "scan_folders", lambda f: f.seen.scan_folder in when.scan_folders
    if when.channels:
        yield "channels", lambda f: f.seen.channel in when.channels
    if when.separators:
        yield "separators", lambda f: f.seen.separator in when.separators
    if when.themes:
        yield "themes", lambda f: f.seen.theme in when.themes
    if when.from_addresses:
        senders = AddressList(when.from_addresses)
        yield "from_addresses", lambda f: f.seen.sender_address in senders
    if when.to_addresses:
        recipients = AddressList(when.to_addresses)
        yield "to_addresses", lambda f: any(recipient in recipients for recipient in f.seen.to)


def _of_its_words(when: Condition) -> Iterator[tuple[str, Test]]:
    if when.headers:
        wanted = {name.lower(): fold(words) for name, words in when.headers.items()}
        yield (
            "headers",
            lambda f: all(
                words in fold((f.seen.headers or {}).get(name, ""))
                for name, words in wanted.items()
            ),
        )
    if when.subject:
        subject = Phrases(when.subject)
        yield "subject", lambda f: subject.hit(f.subject) is not None
    if when.words:
        words = Phrases(when.words)
        yield "words", lambda f: words.hit(f.words) is not None
    if when.unless:
        unless = Phrases(when.unless)
        yield "unless", lambda f: unless.hit(f.words) is None


def _edges(text: str) -> str:
    if text.count("\n") < 2 * _EDGE_LINES:
        return text
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) <= 2 * _EDGE_LINES:
        return "\n".join(lines)
    return "\n".join([*lines[:_EDGE_LINES], *lines[-_EDGE_LINES:]])
