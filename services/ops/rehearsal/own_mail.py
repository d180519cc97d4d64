"""Mails of a folder, as if they had come in under a site's rules: read, judged, told of in memory.

For whoever tries a month of their mail before anything is installed: it asks for no database, no
mailbox and no mail server. What a stranger wrote is read as ingest reads it, in a process apart.
"""

import mailbox
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final, NamedTuple

from services.desk.domain.label_perimeter import LabelPerimeter
from services.ingest.domain.judge_mail import MailboxPlace
from services.ingest.domain.judgement import FactContext
from services.ingest.domain.rules import rules
from services.ingest.facts import facts_of, kind_of, reason_of
from services.ingest.inbox_reader import judge_octets
from services.ingest.mail_opener import MailParser
from services.ops.rehearsal.history_mail import stories
from services.ops.rehearsal.outcome import RehearsedItem
from services.ops.rehearsal.replay import always, replay_item
from shared.calendar.local_days import begin_of, local_day
from shared.calendar.working_days import working_calendar
from shared.content.blobs import key_of
from shared.content.site_keys import SiteKeys
from shared.errors import PermanentFailure, Refused
from shared.facts.arrivals import Arrived, Enter
from shared.facts.envelope import ItemId, ServiceId
from shared.facts.ids import arrival_id, item_id
from shared.facts.observations import ReplySeen
from shared.site.store import digest
from shared.site.tables.bundle import AppliedSite, Site

MBOX: Final = b"From "
"""How a file with several mails begins."""


class OwnMail(NamedTuple):
    """An email of a folder to be tried out: the name by which a report calls it, and its octets."""

    name: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class TriedItem:
    """An item that an email of the folder would open: its routing, and its outcomes."""

    name: str
    """The file of the mail that opens it, and its number there."""
    rule: str
    certain: bool
    danger: bool
    seen: RehearsedItem


@dataclass
class TriedMails:
    """The results of trying out the emails of a folder: counts by verdict, and the items."""

    mails: int = 0
    again: int = 0
    """Mails that were there twice."""
    kinds: Counter[str] = field(default_factory=Counter)
    """What became of each: enter, set_aside and quarantine with their reason, bounce, seen."""
    items: list[TriedItem] = field(default_factory=list)
    failed: int = 0


def mails_of(path: Path) -> Iterator[OwnMail]:
    """Yields the mails of a folder of files, a Maildir or an mbox file, by name, save hidden ones.

    Raises Refused where there is none.
    """
    if not path.exists():
        raise Refused(f"There is no {path}.")
    found = False
    for file in _files(path):
        with file.open("rb") as begin:
            several = begin.read(len(MBOX)) == MBOX
        name = file.relative_to(path).as_posix() if path.is_dir() else file.name
        if not several:
            found = True
            yield OwnMail(name, file.read_bytes())
            continue
        box = mailbox.mbox(file, create=False)
        try:
            for number, key in enumerate(box.iterkeys(), start=1):
                found = True
                yield OwnMail(f"{name} {number}", box.get_bytes(key))
        finally:
            box.close()
    if not found:
        raise Refused(f"There is no mail in {path}: a folder of files, a Maildir or an mbox file.")


def _files(path: Path) -> Sequence[Path]:
    if path.is_file():
        return [path]
    maildir = [path / name for name in ("cur", "new")]
    roots = maildir if all(root.is_dir() for root in maildir) else [path]
    every = (file for root in roots for file in root.rglob("*") if file.is_file())
    return sorted(
        file for file in every if not any(p.startswith(".") for p in file.relative_to(path).parts)
    )


def taken_at(octets: bytes, otherwise: datetime) -> datetime:
    """Returns the moment at which an email arrived: of its first Received header, else its Date.

    `otherwise` when it has neither.
    """
    headers = BytesHeaderParser().parsebytes(octets)
    for name in ("Received", "Date"):
        said = str(headers.get(name, "")).rpartition(";")[2]
        try:
            moment = parsedate_to_datetime(said.strip())
        except ValueError:
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return otherwise


def place_of(site: Site, name: str | None) -> MailboxPlace:
    """Returns a mailbox of the site's tables by its id, by default the first. Raises Refused."""
    boxes = site.sources.mailboxes
    box = next((box for box in boxes if name is None or box.id == name), None)
    if box is None:
        known = ", ".join(box.id for box in boxes) or "none"
        raise Refused(f"mailboxes.yaml has no mailbox {name}; it has {known}.")
    return MailboxPlace(box.id, ServiceId(box.service) if box.service else None, box.bounces)


def try_mails(
    mails: Iterator[OwnMail],
    site: Site,
    place: MailboxPlace,
    parser: MailParser,
    now: datetime,
) -> TriedMails:
    """Judges emails and replays their items, as if the site were live since the first one's day."""
    found = TriedMails()
    arrivals, replies = dict[ItemId, tuple[str, Arrived]](), list[ReplySeen]()
    compiled = rules(site, SiteKeys(b""))
    known = set[str]()
    for mail in mails:
        found.mails += 1
        seen = min(taken_at(mail.octets, now), now)
        identity, judgements = judge_octets(mail.octets, place, seen, compiled, parser, mail.name)
        if identity in known:
            found.again += 1
            continue
        known.add(identity)
        for judgement in judgements:
            found.kinds[f"{kind_of(judgement)} {reason_of(judgement) or ''}".rstrip()] += 1
        for fact in facts_of(judgements, _context(site, place, identity, mail.octets, seen)):
            if isinstance(fact, Arrived) and isinstance(fact.verdict, Enter):
                arrivals[item_id(site.identity.id, fact.arrival_id)] = mail.name, fact
            elif isinstance(fact, ReplySeen):
                replies.append(fact)
    _replayed(arrivals, replies, site, now, found)
    return found


def _context(
    site: Site, place: MailboxPlace, identity: str, octets: bytes, seen: datetime
) -> FactContext:
    source = f"mailbox:{place.mailbox}"
    arrival = arrival_id(site.identity.id, source, identity)
    kept = key_of(seen.year, arrival, octets)
    return FactContext(arrival, source, kept, kept, seen)


def _replayed(
    arrivals: dict[ItemId, tuple[str, Arrived]],
    replies: Sequence[ReplySeen],
    site: Site,
    now: datetime,
    found: TriedMails,
) -> None:
    told_of = sorted((fact for _, fact in arrivals.values()), key=lambda fact: fact.happened_at)
    if not told_of:
        return
    live = begin_of(local_day(told_of[0].happened_at, site.zone), site.zone)
    days = working_calendar(site.calendar.territory, site.calendar.closures)
    applied = AppliedSite(
        version=1, digest=digest(site, days), effective_from=live, site=site, days=days,
        go_live=live,
    )  # fmt: skip
    as_live = always(applied, LabelPerimeter())
    for facts in stories(iter(told_of), iter(replies), applied):
        name, arrival = arrivals[facts[0].item_id]
        try:
            seen = replay_item(facts, as_live, now)
        except PermanentFailure:
            seen = None
        if seen is None:
            found.failed += 1
            continue
        routing = arrival.routing
        found.items.append(
            TriedItem(name, routing.rule, routing.certain is not None, routing.danger, seen)
        )
