"""What cuts scanned files at the sheets of the applied site: of a scan folder, or handed in."""

from datetime import date
from typing import TypeAlias

from services.ingest.domain.page_codes import Sheets
from services.ingest.scan_cuts import Cuttings, CuttingsOfThisRun
from services.ingest.scan_documents import ScanCutter
from services.ingest.scan_reader_pool import ScanReaderWithOcr
from shared.content.site_keys import SiteKeys
from shared.paper.code_keys import CodeKeys
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.mailboxes import ScanFolder

PaperRules: TypeAlias = tuple[AppliedSite, CodeKeys, SiteKeys | None]
"""The applied site, and what verifies its paper codes and the codes by which letters are followed.
"""


def cutter_of(
    source: str,
    rules: PaperRules,
    reading: ScanReaderWithOcr,
    folder: ScanFolder | None = None,
    cuttings: Cuttings | None = None,
) -> ScanCutter:
    """Makes the cutter of a source of papers; it keeps to the services and codes of this version.

    `folder`: the scan folder that the source is; `None`: papers are handed in. `cuttings`: where
    cuts are stored, in memory by default.
    """
    applied, keys, secret = rules
    identity = applied.site.identity

    def oldest(day: date) -> date:
        return applied.days.add(day, -identity.day_sheet_days)

    sheets = Sheets(
        keys=keys,
        department=identity.department,
        services=applied.site.service.keys(),
        departures=folder is not None and folder.departures,
        secret=secret,
        foreign={} if folder is None else folder.foreign,
    )
    return ScanCutter(
        source, sheets, oldest, applied.site.zone, reading, reading, cuttings or CuttingsOfThisRun()
    )
