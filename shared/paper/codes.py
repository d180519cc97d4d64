"""The codes that paper carries between us and ourselves, as the text of a QR code.

    VGM1:SEP:INDRE            generic separator sheet: a new document begins
    VGM1:SEP:INDRE:BMI        separator sheet of a service; laminated, no date, good for years
    VGM1:DAY:INDRE:2026-05-11 sheet of the day, at the head of a batch: its day of receipt
    VGM1:LBL:INDRE:000123     numbered sticker on page one: separates and names the paper
    VGM1:FRM:INDRE            the public's form on paper: separates, and belongs to its letter
    VGM1:DEP:36-2026-A-000123:REPLY   on our outgoing letters: the item's chrono, and what this is

They are written in capitals because a QR code holds a third more of them (alphanumeric mode), so
that a sticker keeps big modules; they are read in any case. Anybody can print such a text:
shared/paper/code_keys.py puts behind it what proves that we did, and it alone reads and writes
codes.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from shared.facts.envelope import Chrono, ServiceId
from shared.facts.vocabulary import NoticeKind

SHEET_WORDS = "feuille de séparation"
"""Printed in big letters on every sheet: what OCR still reads when the QR code is torn."""

_PREFIX = "VGM1"
LONGEST = 200
"""Letters of a code, signature included; a longer text is none."""
_SITE = r"(?P<site>[a-z0-9][a-z0-9_.-]{0,62})"
_SEPARATOR = re.compile(rf"vgm1:sep:{_SITE}(?::(?P<service>[a-z0-9][a-z0-9_.-]{{0,62}}))?")
_DAY = re.compile(rf"vgm1:day:{_SITE}:(?P<day>\d{{4}}-\d{{2}}-\d{{2}})", re.ASCII)
_LABEL = re.compile(rf"vgm1:lbl:{_SITE}:(?P<number>\d{{1,9}})", re.ASCII)
_FORM = re.compile(rf"vgm1:frm:{_SITE}")
_DEPARTURE = re.compile(
    r"vgm1:dep:(?P<chrono>(?:\d{2,3}|2[ab])-\d{4}-[ad]-\d{6,9}):(?P<kind>[a-z_]+)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class SeparatorCode:
    """The code on a separator sheet between two documents; without a service on the generic one."""

    site: str
    service: ServiceId | None = None


@dataclass(frozen=True, slots=True)
class DayCode:
    """The code on a sheet before a batch of scans: the local day on which its letters came."""

    site: str
    day: date


@dataclass(frozen=True, slots=True)
class LabelCode:
    """The code on a numbered sticker for a letter; each number is printed only once."""

    site: str
    number: int

    @property
    def name(self) -> str:
        """The sticker's number as people read it: `000123`."""
        return f"{self.number:06d}"


@dataclass(frozen=True, slots=True)
class FormCode:
    """The code on the public's paper form, which marks page one of a new letter."""

    site: str


@dataclass(frozen=True, slots=True)
class DepartureCode:
    """The code on an outgoing letter: the chrono that it answers, and the kind of letter."""

    chrono: Chrono
    kind: NoticeKind


PaperCode = SeparatorCode | DayCode | LabelCode | FormCode | DepartureCode


def write(code: PaperCode) -> str:
    """Returns the text of a paper code without signature, for a QR code (error level H)."""
    match code:
        case SeparatorCode(site, None):
            text = f"SEP:{site}"
        case SeparatorCode(site, service):
            text = f"SEP:{site}:{service}"
        case DayCode(site, day):
            text = f"DAY:{site}:{day.isoformat()}"
        case LabelCode(site):
            text = f"LBL:{site}:{code.name}"
        case FormCode(site):
            text = f"FRM:{site}"
        case DepartureCode(chrono, kind):
            text = f"DEP:{chrono}:{kind}"
        case _:
            assert_never(code)
    return f"{_PREFIX}:{text}".upper()


def read(text: str) -> PaperCode | None:  # noqa: PLR0911  (one line a code)
    """Parses a paper code's text without signature, upper or lower case; `None`: it is none."""
    if len(text) > LONGEST:
        return None
    text = text.strip().lower()
    if found := _SEPARATOR.fullmatch(text):
        service = found["service"]
        return SeparatorCode(found["site"], ServiceId(service) if service else None)
    if found := _DAY.fullmatch(text):
        return _day(found["site"], found["day"])
    if found := _LABEL.fullmatch(text):
        return LabelCode(found["site"], int(found["number"]))
    if found := _FORM.fullmatch(text):
        return FormCode(found["site"])
    if found := _DEPARTURE.fullmatch(text):
        return _departure(found["chrono"], found["kind"])
    return None


def _day(site: str, text: str) -> DayCode | None:
    try:
        return DayCode(site, date.fromisoformat(text))
    except ValueError:  # 2026-02-30
        return None


def _departure(chrono: str, kind: str) -> DepartureCode | None:
    try:
        return DepartureCode(Chrono(chrono.upper()), NoticeKind(kind))
    except ValueError:
        return None
