"""The manifest of a SEDA 2.2 package: a unit for each item, one below for each document.

No name and no subject of a letter stands in it: these are in the documents, which the access rule
of the archive covers. The order of elements is the standard's (rules.py checks it).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from shared.errors import Refused
from shared.site.tables.identity import Archive

NAMESPACE: Final = "fr:gouv:culture:archivesdefrance:seda:v2.2"
MANIFEST: Final = "manifest.xml"
CONTENT: Final = "content"
"""Folder of the package that holds the documents."""
DIGESTS: Final = "SHA-256"
VERSION: Final = "BinaryMaster_1"
"""Which version of a document it is: the one that was kept."""
COPY_VERSION: Final = "Dissemination_1"
"""That of a copy to be read."""
_PIECE: Final = 64 * 1024
"""Characters that are parsed at once."""


@dataclass(frozen=True, slots=True)
class PackedDocument:
    """A document of an archive package: a file below `content`, and its manifest entry."""

    file: str
    """`content/36-2026-A-000001/1.pdf`."""
    title: str
    sha256: str
    size: int
    """Octets."""
    media_type: str
    day: date | None = None
    """Local day of its receipt or departure."""
    copy: "PackedDocument | None" = None
    """The same pages made anew, to be read: a PDF/A with its text."""


@dataclass(frozen=True, slots=True)
class PackedItem:
    """An item of an archive package (SEDA), with the data of its manifest entry."""

    item_id: str
    chrono: str
    title: str
    service: str
    """Name of the service that had it last."""
    category: str
    """Its label."""
    received_on: date
    registered_at: datetime
    ended_on: date
    documents: Sequence[PackedDocument]


@dataclass(frozen=True, slots=True)
class TransferHeading:
    """The heading of a SEDA manifest: the transfer, its moment, who transfers to which archive."""

    transfer: str
    """`36-2029-V-0001`, its MessageIdentifier."""
    made_at: datetime
    authority: str
    """« Préfecture de l'Indre »."""
    archive: Archive


def element(name: str, *inside: str, **attributes: str) -> str:
    """Returns an XML element as text, around what is XML already; `text` escapes a text."""
    told = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{told}>{''.join(inside)}</{name}>" if inside else f"<{name}{told}/>"


def text(name: str, said: str, **attributes: str) -> str:
    """Returns an XML element around a text, which is escaped; blanks in it become one each."""
    return element(name, escape(" ".join(said.split())), **attributes)


def manifest(heading: TransferHeading, items: Iterable[PackedItem]) -> bytes:
    """Returns the XML manifest (SEDA ArchiveTransfer) of an archive package, in UTF-8."""
    archive, groups, units = heading.archive, list[str](), list[str]()
    for number, item in enumerate(items, start=1):
        groups += _groups(number, item)
        units.append(_unit(number, item, archive))
    originating = archive.originating or archive.transferring
    package = element(
        "DataObjectPackage",
        *groups,
        element("DescriptiveMetadata", *units),
        element(
            "ManagementMetadata",
            text("LegalStatus", "Public Archive"),
            text("OriginatingAgencyIdentifier", originating),
            text("SubmissionAgencyIdentifier", archive.transferring),
        ),
    )
    agreement = [text("ArchivalAgreement", archive.agreement)] if archive.agreement else []
    whole = element(
        "ArchiveTransfer",
        text("Comment", f"{heading.authority} : courriers dont le traitement est terminé"),
        text("Date", heading.made_at.isoformat(timespec="seconds")),
        text("MessageIdentifier", heading.transfer),
        *agreement,
        element(
            "CodeListVersions",
            text("MessageDigestAlgorithmCodeListVersion", DIGESTS),
            text("MimeTypeCodeListVersion", "IANA"),
            text("DataObjectVersionCodeListVersion", "DataObjectVersion"),
        ),
        package,
        element("ArchivalAgency", text("Identifier", archive.agency)),
        element("TransferringAgency", text("Identifier", archive.transferring)),
        xmlns=NAMESPACE,
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}\n'.encode()


def parse(octets: bytes) -> ET.Element:
    """Returns the root of an XML document in UTF-8.

    Raises Refused (`archive-not-xml`) for what does not parse, or has a document type or entities.
    """
    try:
        text = octets.decode("utf-8-sig")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise Refused("This XML has a document type: it is not read.", "archive-not-xml")
        # As text: an encoding that it declares itself is not believed. In pieces: between two of
        # them other threads go on.
        parser = ET.XMLParser()  # noqa: S314  (without a document type, as just seen)
        for start in range(0, len(text), _PIECE):
            parser.feed(text[start : start + _PIECE])
        return parser.close()
    except (ET.ParseError, ValueError, LookupError, RecursionError) as error:
        raise Refused("This file is no XML in UTF-8.", "archive-not-xml") from error


def local(element: ET.Element) -> str:
    """Returns the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def namespace(element: ET.Element) -> str:
    """Returns the namespace of an element; empty: none."""
    return element.tag.rpartition("}")[0].removeprefix("{")


def _groups(number: int, item: PackedItem) -> list[str]:
    return [
        element(
            "DataObjectGroup",
            _object(document, VERSION, f"B{number}-{place}"),
            *(
                [_object(document.copy, COPY_VERSION, f"B{number}-{place}-C")]
                if document.copy
                else []
            ),
            id=f"G{number}-{place}",
        )
        for place, document in enumerate(item.documents, start=1)
    ]


def _object(document: PackedDocument, version: str, id_: str) -> str:
    return element(
        "BinaryDataObject",
        text("DataObjectVersion", version),
        text("Uri", document.file),
        text("MessageDigest", document.sha256, algorithm=DIGESTS),
        # The schema knows no size of zero.
        *([text("Size", str(document.size))] if document.size else []),
        element("FormatIdentification", text("MimeType", document.media_type)),
        element("FileInfo", text("Filename", document.file.rpartition("/")[2])),
        id=id_,
    )


def _unit(number: int, item: PackedItem, archive: Archive) -> str:
    start = text("StartDate", item.ended_on.isoformat())
    appraisal = [text("Rule", archive.appraisal_rule), start] if archive.appraisal_rule else []
    management = [element("AppraisalRule", *appraisal, text("FinalAction", "Keep"))]
    if archive.access_rule:
        management.append(element("AccessRule", text("Rule", archive.access_rule), start))
    agency = element("Identifier", escape(archive.originating or archive.transferring))
    content = element(
        "Content",
        text("DescriptionLevel", "File"),
        text("Title", item.title),
        text("OriginatingSystemId", item.item_id),
        text("OriginatingAgencyArchiveUnitIdentifier", item.chrono),
        text("Description", f"{item.category}, {item.service}"),
        text("DocumentType", "Correspondance"),
        text("Language", "fra"),
        element("OriginatingAgency", agency),
        text("ReceivedDate", item.received_on.isoformat()),
        text("RegisteredDate", item.registered_at.isoformat(timespec="seconds")),
        text("StartDate", item.received_on.isoformat()),
        text("EndDate", item.ended_on.isoformat()),
    )
    below = [
        element(
            "ArchiveUnit",
            element(
                "Content",
                text("DescriptionLevel", "Item"),
                text("Title", document.title),
                *([text("StartDate", document.day.isoformat())] if document.day else []),
                *([text("EndDate", document.day.isoformat())] if document.day else []),
            ),
            element(
                "DataObjectReference", text("DataObjectGroupReferenceId", f"G{number}-{place}")
            ),
            id=f"U{number}-{place}",
        )
        for place, document in enumerate(item.documents, start=1)
    ]
    return element(
        "ArchiveUnit", element("Management", *management), content, *below, id=f"U{number}"
    )
