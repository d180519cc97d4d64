"""Packages of the archive's tests, and the replies of a service d'archives."""

from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

from services.desk.archive.domain.manifest import (
    PackedDocument,
    PackedItem,
    TransferHeading,
    manifest,
)
from shared.site.tables.identity import Archive

ARCHIVE = Archive(
    agency="FRAD036",
    transferring="FRPREF036",
    agreement="CT-000001",
    appraisal_rule="APP-00001",
    access_rule="ACC-00025",
)
TRANSFER = "36-2029-V-0001"
HEADING = TransferHeading(
    TRANSFER, datetime(2029, 5, 13, 8, 0, tzinfo=UTC), "Préfecture de l’exemple", ARCHIVE
)
REPLY = """<?xml version="1.0" encoding="UTF-8"?>
<ArchiveTransferReply xmlns="fr:gouv:culture:archivesdefrance:seda:v2.2">
  <Date>2029-05-14T09:30:00</Date>
  <MessageIdentifier>aeeaaaaaaca</MessageIdentifier>
  <CodeListVersions/>
  <DataObjectPackage><DescriptiveMetadata/><ManagementMetadata/></DataObjectPackage>
  <ReplyCode>{code}</ReplyCode>
  <MessageRequestIdentifier>{transfer}</MessageRequestIdentifier>
  <GrantDate>2029-05-14T09:30:00</GrantDate>
  <ArchivalAgency><Identifier>FRAD036</Identifier></ArchivalAgency>
  <TransferringAgency><Identifier>FRPREF036</Identifier></TransferringAgency>
</ArchiveTransferReply>
"""


def a_reply(code: str = "OK", transfer: str = TRANSFER) -> bytes:
    return REPLY.format(code=code, transfer=transfer).encode()


def a_packed_item(number: int, *contents: bytes) -> PackedItem:
    chrono = f"36-2026-A-{number:06d}"
    documents = [
        PackedDocument(
            f"content/{chrono}/{place}.txt", f"Courrier n° {place} <&>", sha256(said).hexdigest(),
            len(said), "text/plain", date(2026, 5, 11),
        )
        for place, said in enumerate(contents, start=1)
    ]  # fmt: skip
    return PackedItem(
        str(UUID(int=number)), chrono, f"{chrono} : titre de séjour", "Bureau bmi",
        "titre de séjour", date(2026, 5, 11), datetime(2026, 5, 11, 8, 0, tzinfo=UTC),
        date(2026, 6, 1), documents,
    )  # fmt: skip


def a_manifest(*items: PackedItem) -> str:
    return manifest(HEADING, items or [a_packed_item(1, b"Bonjour")]).decode()


def a_package(path: Path, told: str, **files: bytes) -> Path:
    """A ZIP with this manifest; `files`: number of an item's document → its octets."""
    with ZipFile(path, "w") as package:
        for name, octets in files.items():
            item, place = name.removeprefix("d").split("_")
            package.writestr(f"content/36-2026-A-{int(item):06d}/{place}.txt", octets)
        package.writestr("manifest.xml", told)
    return path
