"""The register that is rehearsed, and what must differ of it: counted by hand, not by the program.

Eleven kinds of letters, each of every day worked since the préfecture went live. Days are counted
here by a list of holidays and a loop: the program's own calendar and clocks have no part in it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from shared.facts.envelope import On
from shared.facts.items import Items
from shared.facts.items.acknowledgements import ReceiptSent
from shared.facts.items.routing import ItemAssigned, RegimeConfirmed, WaitEnded
from shared.facts.vocabulary import Channel, Nature, RegimeStart, SenderKind, Waiting, Way
from tests.rehearsal_builders import LIVE, NOW, RegisteredStory

HOLIDAYS: Final = frozenset(
    date(2026, *day) for day in ((4, 6), (5, 1), (5, 8), (5, 14), (5, 25), (7, 14))
)
"""Of metropolitan France, from April to July 2026, as any almanac has them."""
SHORT: Final = 5
LONG: Final = 15
"""Jours ouvrés for mails and forms, and for letters and complaints (commitments.yaml)."""
PAPER: Final = frozenset({Channel.LETTER, Channel.REGISTERED_LETTER})


def counted(day: date, days: int, closed: frozenset[date] = frozenset()) -> date:
    """Returns the day that so many jours ouvrés after another one is."""
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5 and day not in HOLIDAYS | closed
    return day


@dataclass(frozen=True)
class PlayedLetter:
    """A letter of the register: by which way and on which day it came, when it was answered."""

    kind: str
    channel: Channel
    complaint: bool
    received: date
    answered: date | None
    facts: Sequence[Items]

    @property
    def days(self) -> int:
        """Jours ouvrés within which its reply is promised."""
        return LONG if self.complaint or self.channel in PAPER else SHORT

    @property
    def limit(self) -> date:
        """The last day of its reply, under the rules that run."""
        return counted(self.received, self.days)


@dataclass(frozen=True)
class LetterKind:
    """A kind of letters: category, way, and after how many days it was answered."""

    category: str
    channel: Channel = Channel.EMAIL
    answered: Callable[[date], date] | None = None
    complaint: bool = False
    regime: bool = False
    given: tuple[tuple[str, Any], ...] = ()


def _after(days: int) -> Callable[[date], date]:
    return lambda received: received + timedelta(days=days)


KINDS: Final = {
    "letter, open": LetterKind("naturalisation", Channel.LETTER),
    "letter, answered": LetterKind("naturalisation", Channel.LETTER, _after(14)),
    "registered letter, late": LetterKind("naturalisation", Channel.REGISTERED_LETTER, _after(35)),
    "mail, open": LetterKind("recepisse"),
    "mail, answered the next day": LetterKind("recepisse", answered=_after(1)),
    "mail, answered on its last day": LetterKind(
        "recepisse", answered=lambda received: counted(received, SHORT)
    ),
    "form, late": LetterKind("recepisse", Channel.FORM, _after(13)),
    "complaint": LetterKind("accueil", complaint=True, given=(("nature", Nature.COMPLAINT),)),
    "silence": LetterKind("armes", regime=True),
    "lawyer": LetterKind(
        "recepisse", given=(("sender", SenderKind.LAWYER), ("hold", "sender-lawyer"))
    ),
    "qualified by a person": LetterKind(
        "recepisse", answered=_after(6), given=(("certain", None), ("rule", "mots"))
    ),
}


def letters() -> Iterator[PlayedLetter]:
    """Yields a letter of each kind for each day worked since the go-live, until yesterday."""
    day = LIVE.date()
    while (day := counted(day, 1)) < NOW.date():
        for name, kind in KINDS.items():
            yield _played(name, kind, day)


def _played(name: str, kind: LetterKind, day: date) -> PlayedLetter:
    at = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    story = RegisteredStory(
        f"{name} {day}", kind.category, at, channel=kind.channel, **dict(kind.given)
    )
    if kind.channel not in PAPER and kind.category != "armes":
        story.says(ReceiptSent, at + timedelta(hours=1), way=Way.MAIL, notice_id=None)
    if dict(kind.given).get("certain", "") is None:
        story.says(WaitEnded, at + timedelta(hours=2), waiting=Waiting.TO_QUALIFY)
    if kind.regime:
        story.says(
            RegimeConfirmed, at + timedelta(hours=3), regime="demande-generale",
            start=RegimeStart.FIRST_OFFICE, received=On(day=day),
        )  # fmt: skip
    elif name == "mail, open":
        story.says(ItemAssigned, at + timedelta(hours=3), service="bmi", agent="a.gent")
    answered = None if kind.answered is None else kind.answered(day)
    if answered is not None and answered < NOW.date():
        story.replied(datetime(answered.year, answered.month, answered.day, 14, tzinfo=UTC))
    else:
        answered = None
    return PlayedLetter(name, kind.channel, kind.complaint, day, answered, story.facts)
