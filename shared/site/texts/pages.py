"""What the préfecture's own people are written: digest, weekly page, alert, change of theirs.

No personal data of a sender: a chrono and the category's neutral label (docs/domain.md §7 and §9).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from shared.facts.envelope import Chrono
from shared.facts.envelope import Digest as Sha256
from shared.facts.vocabulary import NoticeKind
from shared.site.texts.rates import FEW, whole


@dataclass(frozen=True)
class DigestLine:
    """A line of a digest email: one reminder about one item."""

    chrono: Chrono
    label: str
    received: date
    limit: date
    left: int | None
    """Jours ouvrés left; negative: late by as many; 0: today is the last day; `None`: no limit."""
    url: str
    what: str
    """What is due at the limit, in words that a date follows: « réponse due le »."""
    had: str = ""
    """« bureau du courrier 2, direction 7, BMI 1 »: who has had it for how many jours ouvrés."""
    note: str = ""
    """A remark such as « vient de vous être confié » or « boîtes non relevées ce jour-là »."""
    dated: str = "Reçu le"
    """What the day `received` says: a measure is opened. Templates of before say « Reçu le »."""


@dataclass(frozen=True)
class Section:
    """A section of a digest email: a title and its reminders, the most urgent first."""

    title: str
    lines: tuple[DigestLine, ...]
    more: int = 0
    """How many stand at the desk and not here."""


@dataclass(frozen=True)
class Delayed:
    """The late items of one service, for its head or director: no agent's name, no ranking."""

    service: str
    count: int
    """Items, whatever is late of them."""
    oldest: DigestLine
    """Of the replies, where one is late."""
    reasons: tuple[str, ...] = ()
    """« attend l'OFII, réponse annoncée le 3 juin 2026 »."""
    url: str = ""
    late: tuple[str, ...] = ()
    """What is late, clock by clock: « 2 réponses en retard », « 1 accusé en retard »."""


@dataclass(frozen=True)
class Seal:
    """A root of the evidence (SHA-256 over the chains' heads), as an email shows it."""

    day: date
    """The local day whose facts it ends with."""
    root: Sha256
    chains: int
    at: datetime | None = None
    """When it was sealed, local time; `None`: that was not told yet."""


@dataclass(frozen=True)
class Verified:
    """The result of the last nightly verification of figures and evidence."""

    day: date
    """The local day of its night."""
    items: int
    """Folded from their facts again."""
    clocks: int
    """Planned again."""
    differ: int
    """What no fact explains."""


@dataclass(frozen=True)
class QualityLine:
    """A step of the label's calendar that is soon due, as a line of a digest."""

    what: str
    due: date
    left: int
    """Days left; 0: today; negative: past."""


@dataclass(frozen=True, kw_only=True)
class Inside:
    """The values that the template of any email to our own people may use."""

    kind: ClassVar[NoticeKind]
    must_show: ClassVar[tuple[str, ...]] = ()

    authority: str
    first_name: str
    day: date
    desk_url: str
    instead_of: str | None = None
    """The colleague who is away, for whom this person is told."""


@dataclass(frozen=True, kw_only=True)
class DigestTexts(Inside):
    """The template values of a daily digest of reminders; `heard_until`: local time.

    Up to `heard_until` the facts about clocks were taken into account.
    """

    kind = NoticeKind.DIGEST
    must_show = (
        "sections.0.lines.0.chrono",
        "delayed.0.service",
        "at_risk",
        "desk_url",
        "verified.differ",
        "quality.0.what",
        "event",
    )

    heard_until: datetime
    sections: tuple[Section, ...]
    delayed: tuple[Delayed, ...] = ()
    """The escalation section of a head or director."""
    at_risk: int = 0
    """For a head: how many of the service are at risk."""
    untaken: int = 0
    """For a head: how many nobody has taken."""
    seals: tuple[Seal, ...] = ()
    """Empty: roots have mails of their own since November 2026. Templates of before name it."""
    verified: Verified | None = None
    """For the référent qualité and the secrétaire général, when last night's found something."""
    quality: tuple[QualityLine, ...] = ()
    """Of the label, for the référent qualité and, on its last day, the secrétaire général."""
    event: str = ""
    """The line that says which event or exercise is open; empty: none."""
    supplement: bool = False
    """It says only what fell today and was told after the digest of the day."""


@dataclass(frozen=True, kw_only=True)
class ExerciseMail(Inside):
    """The template values of an exercise's email, to an entry of the site's exercise list."""

    kind = NoticeKind.EXERCISE
    must_show = ("code", "text", "until")

    code: str
    """Of the event."""
    until: str
    """The local day on which the exercise ends, `13/05/2026`: answers are known by it."""
    text: str
    """What two persons approved."""


@dataclass(frozen=True, kw_only=True)
class Roots(Inside):
    """The template values of an email with the evidence roots sealed since the last such email."""

    kind = NoticeKind.ROOTS
    must_show = ("seals.0.root",)

    seals: tuple[Seal, ...]
    """Oldest first; the last of them stands for all before it."""
    before: int = 0
    """How many older ones wait too, and are not written out."""
    outside: bool = False
    """To another house: `first_name` is empty, and the pages are not theirs."""


@dataclass(frozen=True)
class Rate:
    """A rate on the weekly page: how many of n were kept, and the target."""

    label: str
    kept: int
    n: int
    target: float
    """Between 0 and 1."""
    low: float = 0.0
    high: float = 1.0
    """The interval at 95 %, wherever what waits may take it."""
    waiting: int = 0
    """Promises that can't be judged yet."""
    beside: str = ""
    """What of n was not kept: « 1 partie en retard, 1 classée sans réponse »; empty: all was."""

    @property
    def said(self) -> str:
        """Rate in French: « 25 sur 31, soit 81 % (entre 64 et 91 %) ».

        Few by number alone, none as « rien à juger »; says how many can't be judged yet.
        """
        return whole(self.kept, self.n, (self.low, self.high), self.waiting)

    @property
    def few(self) -> bool:
        """Whether so few were judged that the rate has no percentage."""
        return self.n < FEW


@dataclass(frozen=True)
class WaitingDecision:
    """A decision that waits for a head or director, with the page on which it is taken."""

    what: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Weekly(Inside):
    """The template values of the weekly page: rates, late items, at most three that need care."""

    kind = NoticeKind.WEEKLY
    must_show = ("rates.0.label", "needing.0.chrono", "desk_url", "verified.differ")

    since: date
    until: date
    rates: tuple[Rate, ...]
    delayed: tuple[Delayed, ...] = ()
    needing: tuple[DigestLine, ...] = ()
    verified: Verified | None = None
    """`None`: nothing was verified yet. Said even when all holds."""
    counted_on: date | None = None
    """The local day on which the register counted; `None`: it has not said its figures."""
    services: str = ""
    """Of a director: the services of which the page speaks; empty: of all."""
    decisions: tuple[WaitingDecision, ...] = ()
    """At most three."""
    decisions_left: int = 0
    """How many more wait, which the page of the week names."""
    note: str = ""
    """Of a director: why no figure of all their services together stands there; empty: it does."""


@dataclass(frozen=True, kw_only=True)
class Alert(Inside):
    """The template values of an alert email: words of danger, or an item to be seen today."""

    kind = NoticeKind.ALERT
    must_show = ("chrono", "url", "service")

    chrono: Chrono
    service: str
    arrived: datetime
    """Local time."""
    url: str
    emergency_line: str
    danger: bool = True
    """False: no danger, but a person must decide within the opening hour (appeal, lawyer, …)."""


@dataclass(frozen=True, kw_only=True)
class PersonChangeMail(Inside):
    """The template values of an email that tells a colleague of a change to their data."""

    kind = NoticeKind.PERSON_CHANGED
    must_show = ("what", "by", "url")

    what: str
    """A sentence without its full stop: « Votre suppléant a changé »."""
    by: str
    at: datetime
    """Local time."""
    url: str
    """Their page."""
