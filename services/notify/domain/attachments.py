"""How long an automatic notice waits for what is attached to the mail that it answers.

A mail that says little itself, or names an enclosure, is not answered by a machine before its files
went through the rules. Two minutes are far more than reading takes; whoever is not read by then is
held for a person, and leaves when the files are read after all.
"""

from datetime import datetime, timedelta

from services.notify.domain.item import NotifiedItem
from shared.facts.vocabulary import AttachmentReading

UNREAD = "attachments_unread"
"""Why a notice is held whose mail was not read in time."""
READING = timedelta(minutes=2)


def reading_until(item: NotifiedItem) -> datetime | None:
    """Returns until when notices wait for the item's attachments; `None` when none ever did."""
    if item.registered.reading is not AttachmentReading.AWAITED:
        return None
    return item.registered.recorded_at + READING


def reading_time(item: NotifiedItem, now: datetime) -> timedelta | None:
    """Returns the time for which a notice still waits, zero when it is over.

    `None` when it waits for nothing: the files are read, or the mail says enough without them.
    """
    until = reading_until(item)
    if until is None or is_read(item):
        return None
    return timedelta(0) if item.read is not None else max(until - now, timedelta(0))


def is_read(item: NotifiedItem) -> bool:
    """Whether all files attached to the item were read, so that a person need open none."""
    return item.read is not None and not item.read.unread
