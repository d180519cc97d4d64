"""Dates, Message-IDs and hosts as headers write them: what can't be read is none."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

from services.ingest.domain import decoding

_MESSAGE_ID = re.compile(r"<([^<>\s]{1,900})>")
_REFERENCES = 50
_REPORT_TYPE = re.compile(r"report-type\s*=\s*\"?([\w-]{1,60})")
_BY = re.compile(r"\bby\s+([a-z0-9._-]{1,253})", re.IGNORECASE)
COMMENT = re.compile(r"\([^()]{0,500}\)")
"""A comment in a header's value."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_FRENCH = re.compile(
    r"(?<!\w)(janv|f[ée]vr?|mars|avr|mai|juin|juil|ao[ûu]t|sept|oct|nov|d[ée]c)[a-zéèû]{0,5}\.?"
    r"(?=[\s-])"
)
"""In lower case: a search that ignores case takes `ſ` for an s, and `ı` for an i."""
_MONTHS = {
    "jan": "Jan",
    "fev": "Feb",
    "mar": "Mar",
    "avr": "Apr",
    "mai": "May",
    "juin": "Jun",
    "juil": "Jul",
    "aou": "Aug",
    "sep": "Sep",
    "oct": "Oct",
    "nov": "Nov",
    "dec": "Dec",
}
_PLAIN = str.maketrans("éèû", "eeu")
_KNOWN = 16
_by_name = dict[int, tuple[tuple[tuple[str, str], ...], Mapping[str, Sequence[str]]]]()
"""What `by_name` found last, by the identity of the fields, which are kept and so stay the same."""


def by_name(fields: tuple[tuple[str, str], ...]) -> Mapping[str, Sequence[str]]:
    """Returns the values of each header field by its name, the topmost first.

    The rules ask some eighty times for each mail: to hash its fields takes longer than to look.
    """
    known = _by_name.get(id(fields))
    if known is not None and known[0] is fields:
        return known[1]
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    if len(_by_name) >= _KNOWN:
        _by_name.clear()
    _by_name[id(fields)] = fields, found
    return found


def report_type(declared: str) -> str:
    """Returns the report-type that a Content-Type in lower case names; `""`: it names none."""
    found = "report-type" in declared and _REPORT_TYPE.search(declared)
    return found[1] if found else ""


def receiving_host(received: str) -> str:
    """Returns the host, in lower case, by which a Received header was written; `""`: it says none.

    The rules ask five times for each line. Only its first 2,000 letters are read.
    """
    return _receiving_host(received[:2_000])


@lru_cache(maxsize=16)
def _receiving_host(received: str) -> str:
    found = _BY.search(COMMENT.sub(" ", received))
    return found[1].lower() if found else ""


def moment(raw: str) -> datetime | None:
    """Parses a mail's date to UTC; `None` when it is none or not between 1980 and 2200.

    Beside RFC 5322's form, some programs write ISO 8601, or a French month.
    """
    said = raw.strip()[:200]
    try:
        if _ISO.match(said):
            found = datetime.fromisoformat(said)
        else:
            found = parsedate_to_datetime(_FRENCH.sub(_in_english, said.lower()))
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, LookupError, OverflowError, AttributeError):
        return None
    return found if 1980 <= found.year <= 2200 else None  # noqa: PLR2004  (said above)


def _in_english(month: re.Match[str]) -> str:
    word = month[1].translate(_PLAIN)
    return _MONTHS[word[:4] if word.startswith("jui") else word[:3]]


def message_id(raw: str) -> str:
    """Returns a Message-ID without its angle brackets; "" when there is none."""
    found = _MESSAGE_ID.search(raw)
    return decoding.clean(found[1] if found else "".join(raw.split())[:900])


def references(in_reply_to: str, references: str) -> tuple[str, ...]:
    """Returns the Message-IDs that a mail answers: In-Reply-To, then References, nearest first."""
    known = _MESSAGE_ID.findall(references[-50_000:])
    nearest = [*_MESSAGE_ID.findall(in_reply_to[:5_000]), *reversed(known)]
    return tuple(dict.fromkeys(decoding.clean(reference) for reference in nearest))[:_REFERENCES]
