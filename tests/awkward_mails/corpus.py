r"""The awkward mails of the tables beside this module, as octets and as what must be read in them.

One row of a table:

    name      what is awkward about it, as a test's name
    head      header lines; those of `DEFAULTS` that it does not write are put above it
    without   names of `DEFAULTS` that the mail does not have
    body      what stands below the header; `Bonjour`
    raw       instead of all these: every octet of the mail
    ends      `crlf`, or how its lines end: `lf`, `cr`, `crcrlf`
    mailbox   where it came; `pref-bmi`

    from      name and address of who wrote it: `[Claire Renard, claire.renard@orange.example]`
    answer    where an answer goes; the sender's address
    subject, text, quoted     words, however they are spread over lines; up to ` …` where it ends so
    files     name, media type and size of each attachment
    written   the sender's date in UTC, `none` when it can't be read
    received  when our server took it, in UTC
    verdict   `enter`, `probe`, `set_aside WHY`, `quarantine WHY` or `bounce ACTION STATUS`
    silent    why nothing automatic answers; `none`
    held      why nothing leaves before a person's word; `none`
    danger    whether words of danger alert somebody; `false`
    thanks    whether it is mere thanks; `false`

What a row does not say is what an ordinary mail gives. In the octets, `\xHH` is one octet,
`{{b64 words}}` their base64, and `{{1000 * words}}` a thousand times these words.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

TABLES = Path(__file__).parent
DEFAULTS: Mapping[str, str] = {
    "Received": "from relais.example by mx.indre.example with ESMTPS;"
    " Mon, 11 May 2026 10:00:00 +0200",
    "Authentication-Results": "mx.indre.example; dmarc=pass header.from=x",
    "From": "Claire Renard <claire.renard@orange.example>",
    "To": "pref-bmi@indre.example",
    "Subject": "Ma demande",
    "Date": "Mon, 11 May 2026 09:59:00 +0200",
    "Message-ID": "<un@orange.example>",
}
"""The header of an ordinary mail, in its order."""
ORDINARY: Mapping[str, Any] = {
    "from": ["Claire Renard", "claire.renard@orange.example"],
    "subject": "Ma demande",
    "text": "Bonjour",
    "quoted": "",
    "files": [],
    "written": "2026-05-11 07:59",
    "received": "2026-05-11 08:00",
    "verdict": "enter",
    "silent": "none",
    "held": "none",
    "danger": False,
    "thanks": False,
}
_WRITTEN = frozenset({"name", "head", "without", "body", "raw", "ends", "mailbox"})
_EXPECTED = frozenset({*ORDINARY, "answer"})
_ENDS = {"crlf": b"\r\n", "lf": b"\n", "cr": b"\r", "crcrlf": b"\r\r\n"}
_OCTET = re.compile(rb"\\x([0-9A-Fa-f]{2})")
_MADE = re.compile(rb"\{\{(?:b64 |(\d{1,7}) \* )(.*?)\}\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class AwkwardMail:
    """A mail of the corpus: its octets, the mailbox to which it came, and what it must give."""

    name: str
    octets: bytes
    mailbox: str
    expected: Mapping[str, Any]


@cache
def awkward_mails() -> tuple[AwkwardMail, ...]:
    """Reads every table; the mails stand in the order of the tables and of their rows."""
    return tuple(
        _of_row(row)
        for table in sorted(TABLES.glob("*.yaml"))
        for row in yaml.load(table.read_text(encoding="utf-8"), yaml.CSafeLoader)
    )


def _of_row(row: Mapping[str, Any]) -> AwkwardMail:
    unknown = row.keys() - _WRITTEN - _EXPECTED
    if unknown:
        raise AssertionError(f"{row['name']}: {unknown}")
    expected = {**ORDINARY, **{key: row[key] for key in row.keys() & _EXPECTED}}
    expected.setdefault("answer", expected["from"][1])
    text = (
        row["raw"] if "raw" in row else "\n".join([*_header(row), "", row.get("body", "Bonjour")])
    )
    end = _ENDS[row.get("ends", "crlf")]
    octets = _made(text.encode().replace(b"\n", end))
    return AwkwardMail(row["name"], octets, row.get("mailbox", "pref-bmi"), expected)


def _header(row: Mapping[str, Any]) -> Iterator[str]:
    head = row.get("head", "").rstrip("\n")
    said = {line.partition(":")[0].strip().lower() for line in head.split("\n")}
    said |= {name.lower() for name in row.get("without", ())}
    yield from (f"{name}: {value}" for name, value in DEFAULTS.items() if name.lower() not in said)
    if head:
        yield head


def _made(octets: bytes) -> bytes:
    raw = _OCTET.sub(lambda found: bytes([int(found[1], 16)]), octets)
    return _MADE.sub(lambda found: _filled(found[1], found[2]), raw)


def _filled(times: bytes | None, words: bytes) -> bytes:
    if times is not None:
        return words * int(times)
    return base64.encodebytes(words).replace(b"\n", b"\r\n").rstrip()
