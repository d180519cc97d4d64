"""Whole-day events as an iCalendar file (RFC 5545), the same octets for the same events. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_LONGEST: Final = 75
"""Octets of a line, without its end (RFC 5545 §3.1)."""


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """An event of a whole day."""

    uid: str
    on: date
    title: str
    text: str


def icalendar(events: Iterable[CalendarEvent], stamp: date) -> bytes:
    """The .ics file of events. `stamp`: the day to say that it was made, part of its octets."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Vaguemestre//Label//FR"]
    for event in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{event.uid}",
            f"DTSTAMP:{stamp:%Y%m%d}T000000Z",
            f"DTSTART;VALUE=DATE:{event.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{event.on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(event.title)}",
            f"DESCRIPTION:{_escaped(event.text)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _escaped(text: str) -> str:
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
