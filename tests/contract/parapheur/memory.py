"""A parapheur in memory: the interface as its contract says it, without a network."""

from dataclasses import dataclass, field

from services.desk.parapheur.signature_book import (
    BookAnswer,
    BookAway,
    BookRefuses,
    LetterToSign,
    NoteRemote,
    RefusedThere,
    RemoteId,
    SignedThere,
    StillThere,
)
from tests.fake_pastell import signed


@dataclass
class MemoryBook:
    """Keeps letters by our reference, which is its own id of them."""

    away: bool = False
    letters: dict[str, LetterToSign] = field(default_factory=dict)
    answers: dict[str, BookAnswer] = field(default_factory=dict)

    def _ask(self) -> None:
        if self.away:
            raise BookAway("unreachable")

    async def send(
        self,
        letter: LetterToSign,
        before: RemoteId | None = None,
        noted: NoteRemote | None = None,
    ) -> RemoteId:
        """Keeps a letter, the first of its reference."""
        del noted
        self._ask()
        if before is not None and before not in self.letters:
            raise BookRefuses("http-404")
        self.letters.setdefault(letter.reference, letter)
        return RemoteId(letter.reference)

    async def look(self, remote: RemoteId) -> BookAnswer:
        """Says what a person did with it."""
        self._ask()
        if remote not in self.letters:
            raise BookRefuses("http-404")
        return self.answers.get(remote, StillThere())

    async def withdraw(self, reference: str, before: RemoteId | None = None) -> bool:
        """Takes out what was refused, and keeps what is in its circuit, or signed."""
        self._ask()
        if reference not in self.letters:
            return before is None
        return isinstance(self.answers.get(reference), RefusedThere)

    def annexes(self, reference: str) -> list[tuple[str, bytes]]:
        """What was given beside a letter."""
        return [(annex.name, annex.octets) for annex in self.letters[reference].annexes]

    def sent(self, reference: str) -> int:
        """How often a letter was given to its circuit."""
        return int(reference in self.letters)

    def sign(self, reference: str, *names: str) -> None:
        """Somebody signs it."""
        document = signed(self.letters[reference].document)
        self.answers[reference] = SignedThere(document, names)

    def refuse(self, reference: str, reason: str) -> None:
        """Somebody refuses it."""
        self.answers[reference] = RefusedThere(reason)
