"""Events as an iCalendar file (RFC 5545), the same octets for the same events. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

_LONGEST: Final = 75
"""Octets of a line, without its end (RFC 5545 §3.1)."""


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """A calendar event of a whole day, or of some hours at a place."""

    uid: str
    on: date | tuple[datetime, datetime]
    title: str
    text: str
    place: str | None = None
    sequence: int = 0
    """How often it was given another day or place: a diary takes the highest."""
    cancelled: bool = False
    organizer: str | None = None
    """Address of who sends it, when it is sent."""


class Method(StrEnum):
    """The iTIP methods of a calendar file sent by email: what a diary is to do (RFC 5546)."""

    PUBLISH = "PUBLISH"
    """Into a diary, without an answer: nobody's program writes back."""
    CANCEL = "CANCEL"


def icalendar(
    events: Iterable[CalendarEvent],
    stamp: date,
    product: str = "Label",
    method: Method | None = None,
) -> bytes:
    """Renders calendar events as an .ics file; `product`: the part of the program that made it.

    `stamp`: the day, or the moment in UTC, that the file gives as that of its making. `method`: for
    a file sent by email; `None` for one that somebody downloads.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//Vaguemestre//{product}//FR"]
    lines += [] if method is None else [f"METHOD:{method}"]
    for event in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{event.uid}",
            f"DTSTAMP:{_moment(stamp)}",
            *([f"SEQUENCE:{event.sequence}"] if event.sequence else []),
            *(["STATUS:CANCELLED"] if event.cancelled else []),
            *([] if event.organizer is None else [f"ORGANIZER:mailto:{event.organizer}"]),
            *_when(event.on),
            f"SUMMARY:{_escaped(event.title)}",
            *([] if event.place is None else [f"LOCATION:{_escaped(event.place)}"]),
            f"DESCRIPTION:{_escaped(event.text)}",
            *(["TRANSP:TRANSPARENT"] if isinstance(event.on, date) else []),
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _when(on: date | tuple[datetime, datetime]) -> Sequence[str]:
    if isinstance(on, tuple):
        begin, end = (_moment(at.astimezone(UTC)) for at in on)
        return f"DTSTART:{begin}", f"DTEND:{end}"
    after = on + timedelta(days=1)
    return f"DTSTART;VALUE=DATE:{on:%Y%m%d}", f"DTEND;VALUE=DATE:{after:%Y%m%d}"


def _moment(at: date) -> str:
    """A moment in UTC; of a day, its first."""
    return f"{at:%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for found, told in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(found, told)
    return text


def _folded(line: str) -> Iterator[str]:
    """The line in parts of at most 75 octets; each but the first begins with a blank."""
    part = ""
    for letter in line:
        if len((part + letter).encode()) > _LONGEST:
            yield part
            part = " "
        part += letter
    yield part
