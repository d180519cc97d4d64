"""The rules of SEDA 2.2 that a package of ours must keep, written from the standard's own text.

They are those of its schema for what a manifest of ours says: which elements stand below which, in
which order, how often; and what no schema can say: each reference leads somewhere, each document is
in the package once, with the octets of its hash. Whoever has the schema checks by it as well.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Final
from xml.etree import ElementTree as ET

from services.desk.archive.domain.manifest import CONTENT, DIGESTS, NAMESPACE, local, namespace

ORDER: Final[Mapping[str, str]] = {
    "ArchiveTransfer": "Comment* Date MessageIdentifier Signature? ArchivalAgreement?"
    " CodeListVersions DataObjectPackage RelatedTransferReference*"
    " TransferRequestReplyIdentifier? ArchivalAgency TransferringAgency",
    "CodeListVersions": "ReplyCodeListVersion? MessageDigestAlgorithmCodeListVersion?"
    " MimeTypeCodeListVersion? EncodingCodeListVersion? FileFormatCodeListVersion?"
    " CompressionAlgorithmCodeListVersion? DataObjectVersionCodeListVersion?"
    " StorageRuleCodeListVersion? AppraisalRuleCodeListVersion? AccessRuleCodeListVersion?"
    " DisseminationRuleCodeListVersion? ReuseRuleCodeListVersion?"
    " ClassificationRuleCodeListVersion? HoldRuleCodeListVersion?"
    " AcquisitionInformationCodeListVersion? AuthorizationReasonCodeListVersion?"
    " RelationshipCodeListVersion?",
    "DataObjectPackage": "DataObjectGroup* DescriptiveMetadata ManagementMetadata",
    "DataObjectGroup": "BinaryDataObject* LogBook?",
    "BinaryDataObject": "DataObjectProfile? DataObjectSystemId? DataObjectGroupSystemId?"
    " Relationship* DataObjectVersion? Uri MessageDigest Size? Compressed? FormatIdentification?"
    " FileInfo? Metadata? OtherMetadata?",
    "FormatIdentification": "FormatLitteral? MimeType? FormatId? Encoding?",
    "DescriptiveMetadata": "ArchiveUnit*",
    "ArchiveUnit": "ArchiveUnitProfile? Management? Content ArchiveUnit* DataObjectReference*",
    "Management": "StorageRule? AppraisalRule? AccessRule? DisseminationRule? ReuseRule?"
    " ClassificationRule? LogBook? NeedAuthorization? HoldRule?",
    "AppraisalRule": "Rule? StartDate? PreventInheritance? RefNonRuleId* FinalAction",
    "AccessRule": "Rule? StartDate? PreventInheritance? RefNonRuleId*",
    "Content": "DescriptionLevel? Title* FilePlanPosition* SystemId* OriginatingSystemId*"
    " ArchivalAgencyArchiveUnitIdentifier* OriginatingAgencyArchiveUnitIdentifier*"
    " TransferringAgencyArchiveUnitIdentifier* Description* CustodialHistory? Type? DocumentType?"
    " Language* DescriptionLanguage? Status? Version? Tag* Keyword* Coverage? OriginatingAgency?"
    " SubmissionAgency? Agent* AuthorizedAgent* Writer* Addressee* Recipient* Transmitter* Sender*"
    " Source? RelatedObjectReference? CreatedDate? TransactedDate? AcquiredDate? SentDate?"
    " ReceivedDate? RegisteredDate? StartDate? EndDate? DateLitteral? Event*",
    "OriginatingAgency": "Identifier OrganizationDescriptiveMetadata?",
    "ArchivalAgency": "Identifier OrganizationDescriptiveMetadata?",
    "TransferringAgency": "Identifier OrganizationDescriptiveMetadata?",
    "DataObjectReference": "DataObjectGroupReferenceId",
    "ManagementMetadata": "ArchivalProfile? ServiceLevel? AcquisitionInformation? LegalStatus?"
    " OriginatingAgencyIdentifier? SubmissionAgencyIdentifier? StorageRule? AppraisalRule?"
    " AccessRule?",
}
"""What may stand below an element, in its order: once, `?` at most once, `*` any number of times.

What a manifest of ours never has (a physical object, a reference by query) is left out."""
WORDS: Final[Mapping[str, frozenset[str]]] = {
    "DescriptionLevel": frozenset(
        {
            *("Fonds", "Subfonds", "Class", "Collection", "Series", "Subseries", "RecordGrp"),
            *("SubGrp", "File", "Item", "OtherLevel"),
        }
    ),
    "FinalAction": frozenset({"Keep", "Destroy"}),
    "LegalStatus": frozenset({"Public Archive", "Private Archive", "Public and Private Archive"}),
}
"""The words that an element may hold."""
_NEEDS_TEXT: Final = frozenset(
    {
        *("MessageIdentifier", "Identifier", "Title", "Rule", "Uri", "MessageDigest", "Filename"),
        *("ArchivalAgreement", "OriginatingSystemId", "OriginatingAgencyArchiveUnitIdentifier"),
        *("OriginatingAgencyIdentifier", "SubmissionAgencyIdentifier", "MimeType"),
    }
)
_DAYS: Final = frozenset({"StartDate", "EndDate", "ReceivedDate"})
_MOMENTS: Final = frozenset({"Date", "RegisteredDate"})
_NAME: Final = re.compile(r"[A-Za-z_][\w.-]*")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def _pattern(rule: str) -> re.Pattern[str]:
    parts = [re.match(r"(\w+)([?*]?)", part) for part in rule.split()]
    return re.compile("".join(f"(?:{part[1]} ){part[2]}" for part in parts if part))


_PATTERNS: Final = {name: _pattern(rule) for name, rule in ORDER.items()}


def wrong_in_manifest(root: ET.Element) -> Iterator[str]:
    """Checks an archive package's manifest by SEDA 2.2; yields a sentence for each fault."""
    if local(root) != "ArchiveTransfer" or namespace(root) != NAMESPACE:
        yield f"the root is {root.tag[:80]}, not ArchiveTransfer of SEDA 2.2"
        return
    for element in root.iter():
        yield from _wrong_in_element(element)
    ids = Counter(found for element in root.iter() if (found := element.get("id")) is not None)
    for found, times in ids.items():
        if times > 1:
            yield f"the id {found} is given {times} times"
        if not _NAME.fullmatch(found):
            yield f"{found!r} is no id"
    groups = [element.get("id") for element in root.iter() if local(element) == "DataObjectGroup"]
    led = [
        element.text for element in root.iter() if local(element) == "DataObjectGroupReferenceId"
    ]
    for found in sorted({str(lead) for lead in led} - {str(group) for group in groups}):
        yield f"a unit refers to {found}, which is no group of objects"
    for found in sorted({str(group) for group in groups} - {str(lead) for lead in led}):
        yield f"no unit refers to the group {found}"


def wrong_in_contents(root: ET.Element, files: Mapping[str, tuple[str, int]]) -> Iterator[str]:
    """Compares a SEDA manifest with its package's files; yields a sentence a difference.

    `files`: name of each entry of the package but the manifest → its SHA-256 and size in octets.
    """
    said = dict[str, tuple[str, int]]()
    for element in root.iter():
        if local(element) == "BinaryDataObject":
            parts = {local(part): (part.text or "").strip() for part in element}
            uri, size = parts.get("Uri", ""), parts.get("Size", "0")
            if uri in said:
                yield f"{uri} is named twice"
            if not uri.startswith(f"{CONTENT}/") or ".." in uri.split("/"):
                yield f"{uri!r} is no file below {CONTENT}/"
            digits = size.isascii() and size.isdigit()
            said[uri] = (parts.get("MessageDigest", ""), int(size) if digits else -1)
    for uri in sorted(said.keys() - files.keys()):
        yield f"{uri} is named and not in the package"
    for uri in sorted(files.keys() - said.keys()):
        yield f"{uri} is in the package and nowhere named"
    for uri in sorted(said.keys() & files.keys()):
        if said[uri][0] != files[uri][0]:
            yield f"{uri} has not the octets of its hash"
        if said[uri][1] != files[uri][1]:
            yield f"{uri} has {files[uri][1]} octets, and {said[uri][1]} are said"


def _wrong_in_element(element: ET.Element) -> Iterator[str]:
    name, said = local(element), (element.text or "").strip()
    if namespace(element) != NAMESPACE:
        yield f"{element.tag[:80]} is no element of SEDA 2.2"
        return
    below = "".join(f"{local(child)} " for child in element)
    pattern = _PATTERNS.get(name)
    if pattern is not None and not pattern.fullmatch(below):
        yield f"{name} holds {below.strip()[:200] or 'nothing'}: a part is missing or misplaced"
    if name in WORDS and said not in WORDS[name]:
        yield f"{name} says {said[:40]!r}"
    if name in _NEEDS_TEXT and not said:
        yield f"{name} is empty"
    if name in {"DataObjectGroup", "BinaryDataObject", "ArchiveUnit"} and not element.get("id"):
        yield f"{name} has no id"
    if name == "MessageDigest" and (
        element.get("algorithm") != DIGESTS or not _SHA256.fullmatch(said)
    ):
        yield f"a MessageDigest is no {DIGESTS}"
    if name == "Size" and not (said.isascii() and said.isdigit() and int(said) > 0):
        yield f"Size says {said[:40]!r}, not how many octets"
    if name in _DAYS and not _reads(date.fromisoformat, said):
        yield f"{name} says {said[:40]!r}, no day"
    if name in _MOMENTS and not _reads(datetime.fromisoformat, said):
        yield f"{name} says {said[:40]!r}, no moment"


def _reads(reader: Callable[[str], object], said: str) -> bool:
    try:
        reader(said)
    except ValueError:
        return False
    return True
