"""Separator sheets and labels as PDF: typst sets them, qr.py draws their codes.

Both have error level H, with a third of the code to spare for stains and folds. A sheet's code is
at least 85 mm wide so that no picture of a sheet on somebody's letter is taken for one.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from shared.calendar.local_days import plain_day
from shared.errors import Refused
from shared.facts.envelope import ServiceId
from shared.paper import qr
from shared.paper.code_keys import CodeKeys
from shared.paper.codes import SHEET_WORDS, DayCode, LabelCode, SeparatorCode
from shared.paper.typst_pdf import typeset
from shared.site.tables.identity import Identity
from shared.site.tables.services import Service

_HERE = Path(__file__).parent
_WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_LAST_NUMBER = 999_999_999
_MOST_LABELS = 4_800  # a hundred pages
LABELS_A_PAGE = 48

_HOW_SERVICE = (
    "À placer devant le courrier de ce service, dans le même sens que les lettres. "
    "Sans date et identique au verso : elle se plastifie et resservira des années."
)
_HOW_GENERIC = (
    "À placer entre deux lettres dont le service n’est pas encore connu. "
    "Sans date et identique au verso : elle se plastifie et resservira des années."
)
_HOW_DAY = (
    "À placer en tête du paquet, devant toutes les lettres reçues ce jour. "
    "Ne vaut que pour cette date : à jeter après la numérisation."
)


def separator_sheets(identity: Identity, services: Sequence[Service], keys: CodeKeys) -> bytes:
    """Makes a PDF of separator sheets for scanning: the generic one, then one of each service."""
    generic = _sheet(
        keys.write(SeparatorCode(identity.id)),
        "entre deux lettres",
        "Lettre suivante",
        "",
        _HOW_GENERIC,
    )
    of_services = [
        _sheet(
            keys.write(SeparatorCode(identity.id, ServiceId(service.id))),
            "courrier du service",
            service.short,
            service.name,
            _HOW_SERVICE,
        )
        | {"tab": position, "tabs": len(services), "short": service.short}
        for position, service in enumerate(services)
    ]
    return _pdf("sheet.typ", identity, "Feuilles de séparation", sheets=[generic, *of_services])


def day_sheets(
    identity: Identity, days: Sequence[date], keys: CodeKeys, witness: str = ""
) -> bytes:
    """Makes a PDF of sheets that give a batch of scans its day of receipt, printed on both sides.

    `witness`: a line at their foot.
    """
    sheets = [
        _sheet(
            keys.write(DayCode(identity.id, day)),
            "feuille du jour : courrier reçu le",
            plain_day(day),
            _WEEKDAYS[day.weekday()],
            _HOW_DAY,
        )
        | {"witness": witness}
        for day in days
    ]
    return _pdf("sheet.typ", identity, "Feuilles du jour", sheets=sheets)


def label_sheets(
    identity: Identity, first: int, count: int, keys: CodeKeys, skip: int = 0
) -> bytes:
    """Makes a PDF of at most 4,800 numbered stickers, 48 a page, from `first` on.

    `skip`: how many places of the first page were used before.

    Raises:
        Refused: a number or a count that makes no sense.
    """
    if not 1 <= count <= _MOST_LABELS:
        raise Refused(f"Between 1 and {_MOST_LABELS} labels at a time.")
    if not 0 <= skip < LABELS_A_PAGE:
        raise Refused(f"A page has {LABELS_A_PAGE} places: skip 0 to {LABELS_A_PAGE - 1} of them.")
    if not 1 <= first <= _LAST_NUMBER - count:
        raise Refused(f"Labels are numbered from 1 to {_LAST_NUMBER}.")
    codes = [LabelCode(identity.id, number) for number in range(first, first + count)]
    labels = [{"qr": qr.svg(keys.write(code)), "number": code.name} for code in codes]
    return _pdf("sheet_labels.typ", identity, "Étiquettes", labels=labels, skip=skip, single=False)


def one_label(identity: Identity, number: int, keys: CodeKeys) -> bytes:
    """Makes a PDF of one numbered sticker, of its own size.

    Raises:
        Refused: a number that makes no sense.
    """
    if not 1 <= number < _LAST_NUMBER:
        raise Refused(f"Labels are numbered from 1 to {_LAST_NUMBER}.")
    code = LabelCode(identity.id, number)
    label = {"qr": qr.svg(keys.write(code)), "number": code.name}
    return _pdf("sheet_labels.typ", identity, "Étiquette", labels=[label], skip=0, single=True)


def _sheet(code: str, kind: str, big: str, name: str, how: str) -> dict[str, Any]:
    said = {"kind": kind, "big": big, "name": name, "how": how, "tab": None, "witness": ""}
    return said | {"qr": qr.svg(code), "code": code}


def _pdf(template: str, identity: Identity, title: str, **more: Any) -> bytes:
    data = {"title": title, "authority": identity.authority, "words": SHEET_WORDS, **more}
    return typeset(_HERE / template, {"data": data}, kept=False)
