"""What is seen at one moment; sums only, no personal data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ProcessState:
    """The state of one process, as its /health says; `why` is empty while it is well."""

    name: str
    why: str = ""
    look: Sequence[str] = ()
    """What somebody should look at, though it is well: one sentence each."""
    at_rest: str = ""
    """How originals lie on the disk, of the process that counts them; empty: nothing to say."""
    writes: str = ""
    """The id of the key that encrypts its new files, or `in clear`; empty: it writes none."""
    version: str = ""
    """Of the program that it runs; empty: it does not say."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The backlog of one service: facts not yet published, facts not yet read, dead letters."""

    name: str
    untold: int
    """Facts that wait for Kafka."""
    untold_seconds: float
    """For how long of real time the oldest has."""
    dead: int
    """Dead letters."""
    lag: int | None
    """Records that it has not heard yet; `None`: Kafka does not say."""
    unheard: int = 0
    """Facts that were told and that it had never heard, at its last cross-check."""
    went_back: bool = False
    """Whether PostgreSQL is older than what Kafka says was heard (docs/decisions/0054)."""


@dataclass(frozen=True, slots=True)
class KeptReplies:
    """The counts of a service's replies to items received in the last three months: kept of due."""

    service: str
    kept: int
    due: int
    overdue: int
    open: int


@dataclass(frozen=True, slots=True)
class WaitingWork:
    """A work list: how many entries wait for people, and the oldest's age in jours ouvrés."""

    which: str
    n: int
    days: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of the whole préfecture at one moment; sums only."""

    now: datetime
    """Local, aware."""
    story: bool
    """Whether it is the moment of a demo."""
    authority: str
    target: float
    live: bool
    processes: Sequence[ProcessState]
    schemas: Sequence[Schema]
    words: Mapping[str, int]
    """Everything that came in, by what it is."""
    unnamed: int
    """Arrivals that the door kept and the register has not named yet."""
    kept: Sequence[KeptReplies]
    waits: Sequence[WaitingWork]
    held: int
    """Notices that wait for a person's word."""
    silenced: int
    """Addresses that reached their cap too often, until a person says otherwise."""
    rung_seconds: float
    """For how long the first reminder due has waited."""
    mail_seconds: float
    """For how long the first mail that may leave has waited."""
    webhooks_failed: int = 0
    """Items of which a webhook could not be told, given up until a person says otherwise."""
    webhook_seconds: float = 0.0
    """For how long of real time the oldest item has waited to be told to a webhook."""
    parapheur_failed: int = 0
    """Letters that the parapheur did not take, or gave up, until a person says otherwise."""
    parapheur_unanswered: int = 0
    """Letters of which it was asked three times in a row, without an answer."""
    secure_mails_failed: int = 0
    """Letters that Pastell did not send as mails sécurisés, until a person says otherwise."""
    secure_mails_unanswered: int = 0
    """Letters of which it was asked three times in a row, without an answer."""
    deposits_failed: int = 0
    """Packages that the archive's server did not take, or about which nobody knows."""
    deposits_unanswered: int = 0
    """Packages of which it was asked three times in a row, without an answer."""
