"""Figures as `desk.figures` gives them: kept of due, by commitment, service, channel and month.

A total has `None` where a cell has its service, channel or month. Months are told by their first
day; counts are of promises, or of items where the code says so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, NamedTuple, TypeVar

from services.desk.domain import codes
from services.desk.domain.codes import CLOCKS
from services.desk.domain.months import DUE, FEW
from services.desk.domain.wilson import interval

REPLY: Final = codes.REPLY
"""Replies to what was received in the month, complaints among them."""
COMPLAINT: Final = codes.COMPLAINT
"""Of these, replies to complaints."""
REPLY_NO_COMPLAINT: Final = codes.REPLY_NO_COMPLAINT
"""Of these, replies to all but complaints: asked for by the label, the first less the second."""
ANSWERED: Final = "repondu"
"""Replies by the month in which they left."""
OUTSIDE: Final = "hors-perimetre"
"""Items received: k outside of n."""
SAME_DAY: Final = "enregistre-le-jour"
"""Items received: k registered on the day of receipt."""
REASSIGNED: Final = "reattribue"
"""Items received: k given to another service once they were sorted."""
DEDUCTED: Final = "delai-deduit"
"""Replies judged: k from whose delay the wait for pieces is deducted."""
PROVEN: Final = "preuve"
"""Replies that left: k that a message, a mail server or a scan proves, not somebody's word."""
FORM: Final = "grille"
"""Replies that left: k composed of an approved letter, which the form check let pass."""
COURSES: Final = (SAME_DAY, REASSIGNED, DEDUCTED, PROVEN, FORM)
"""How letters went through the house; counted where they are named only."""
IN_A_YEAR: Final = (*CLOCKS.values(), COMPLAINT, OUTSIDE)
"""What the page and the file of a year tell."""
OF_TODAY: Final = frozenset({ANSWERED, OUTSIDE, *COURSES})
"""What no closed month holds."""


T = TypeVar("T", str, date)


class FigureKey(NamedTuple):
    """The key of a figure: commitment, service, channel, month; `None` stands for all."""

    code: str
    service: str | None = None
    channel: str | None = None
    month: date | None = None


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure: `k` promises kept of `n` judged, with 95 % confidence interval and other counts."""

    key: FigureKey
    k: int = 0
    n: int = 0
    low: float = 0.0
    high: float = 1.0
    late: int = 0
    """Answered after the limit."""
    overdue: int = 0
    """Not answered, and the limit has passed."""
    unanswered: int = 0
    """Closed without a reply before the limit."""
    open: int = 0
    """Within the limit: not judged yet."""
    observed: int = 0
    """A reply was seen that nobody has confirmed: not judged yet."""

    @property
    def rate(self) -> float | None:
        """The share of judged deadlines that were kept, 0 to 1; `None` when none was judged."""
        return self.k / self.n if self.n else None

    @property
    def few(self) -> bool:
        """Whether too few deadlines were judged for the rate to prove anything."""
        return self.n < FEW

    @property
    def waiting(self) -> int:
        """The number of deadlines whose result is still open."""
        return self.open + self.observed

    @property
    def ends(self) -> tuple[float, float]:
        """The 95 % interval of the rate, wide enough for whatever becomes of the open deadlines.

        Its lower end supposes that all of these are broken, its upper end that all are kept: those
        already judged are the quickly answered ones, and no random sample.
        """
        n = self.n + self.waiting
        return interval(self.k, n)[0], interval(self.k + self.waiting, n)[1]

    def by(self, definition: int) -> "FigureRow":
        """Recomputes the figure by an earlier definition of what is due (ADR 0027)."""
        if "closed" in DUE[definition]:
            return self
        n = self.n - self.unanswered
        low, high = interval(self.k, n)
        return replace(self, n=n, low=low, high=high)


@dataclass(frozen=True)
class FigureTable:
    """A table of all figures of a span of months, with every total."""

    rows: Sequence[FigureRow]
    _by_key: Mapping[FigureKey, FigureRow] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_key", {row.key: row for row in self.rows})

    def of(
        self,
        code: str,
        service: str | None = None,
        channel: str | None = None,
        month: date | None = None,
    ) -> FigureRow:
        """Returns the figure for a commitment, service, channel, month; 0 of 0 without one.

        `None` stands for all of them.
        """
        key = FigureKey(code, service, channel, month)
        return self._by_key.get(key) or FigureRow(key)

    def codes(self) -> Sequence[str]:
        """Returns the codes of the commitments for which anything was counted."""
        return _distinct(self.rows, lambda key: key.code)

    def services(self, code: str) -> Sequence[str]:
        """Returns the ids of the services that have a figure of this commitment."""
        return _distinct(
            (row for row in self.rows if row.key.code == code), lambda key: key.service
        )

    def channels(self, code: str, service: str | None = None) -> Sequence[str]:
        """Returns the channels that have a figure of a commitment, in one service or any."""
        cells = (row for row in self.rows if row.key[:2] == (code, service))
        return _distinct(cells, lambda key: key.channel)

    def months(self, code: str) -> Sequence[date]:
        """Returns the months that have a figure of a commitment, the earliest first."""
        return _distinct((row for row in self.rows if row.key.code == code), lambda key: key.month)

    def by_service(self, code: str) -> Sequence[FigureRow]:
        """Returns a commitment's figures service by service, then by channel, then the total.

        Each service's channels stand before its own total.
        """
        return [
            self.of(code, service, channel)
            for service in (*self.services(code), None)
            for channel in (*self.channels(code, service), None)
        ]


def _distinct(rows: Iterable[FigureRow], part: Callable[[FigureKey], T | None]) -> list[T]:
    found = {value for row in rows if (value := part(row.key)) is not None}
    return sorted(found)


@dataclass(frozen=True, slots=True)
class ReplyDelay:
    """Median and ninth decile of reply delays in jours ouvrés, nothing deducted.

    No service or channel: all of them.
    """

    service: str | None
    channel: str | None
    n: int
    median: int
    ninth_decile: int
