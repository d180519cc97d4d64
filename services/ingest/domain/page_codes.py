"""What a quick look finds on a scanned page, and which codes a folder accepts as sheets."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from shared.content.site_keys import SiteKeys
from shared.facts.envelope import ServiceId
from shared.paper.code_keys import CodeKeys


@dataclass(frozen=True, slots=True)
class SeenCode:
    """A QR code found on a scanned page: its text, and its width on the paper."""

    text: str
    millimetres: float
    beside: bool = False
    """On the page of a sheet: something stands where our sheets are white."""


@dataclass(frozen=True, slots=True)
class SeenPage:
    """The result of a quick look at a scanned page: its QR codes, and whether it is blank."""

    number: int
    codes: tuple[SeenCode, ...] = ()
    blank: bool = False
    """Nothing stands out of the paper's own grain."""
    faint: bool = False
    """All that stands on it is fainter than ink, and OCR read no word of it."""


@dataclass(frozen=True, slots=True)
class Sheets:
    """The separator sheets and codes that are accepted in a scan folder."""

    keys: CodeKeys
    """What proves a code, and of which site."""
    department: str
    """First part of our chronos: `36`."""
    services: AbstractSet[ServiceId]
    departures: bool = False
    secret: SiteKeys | None = None
    """What proves the code by which a letter is followed; `None`: it names nothing."""
    foreign: Mapping[str, ServiceId | None] = field(default_factory=dict)
    """Codes of another product's sheets (Code 128, DataMatrix, patch code): to which service."""
