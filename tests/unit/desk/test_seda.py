"""A package of SEDA 2.2: what its manifest says, what is wrong in one, what a reply means."""

import zipfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.desk.archive.domain import rules
from services.desk.archive.domain.manifest import parse
from services.desk.archive.domain.transfer_reply import read_reply
from services.desk.archive.package_check import wrong_in_package
from shared.errors import Refused
from tests.archive_builders import TRANSFER, a_manifest, a_package, a_packed_item, a_reply
from tests.fake_asalae import an_answer

PARIS = ZoneInfo("Europe/Paris")
OBJECT = "BinaryDataObject"


def wrong(told: str) -> list[str]:
    return list(rules.wrong_in_manifest(parse(told.encode())))


def test_a_manifest_names_each_document_of_each_item_and_nobody() -> None:
    told = a_manifest(a_packed_item(1, b"un", b""), a_packed_item(2, b"deux"))
    assert wrong(told) == []
    root = parse(told.encode())
    name = "{fr:gouv:culture:archivesdefrance:seda:v2.2}"

    def all_of(element: str) -> list[str | None]:
        return [found.text for found in root.iter(f"{name}{element}")]

    assert all_of("MessageIdentifier") == [TRANSFER]
    assert all_of("Uri") == [
        "content/36-2026-A-000001/1.txt",
        "content/36-2026-A-000001/2.txt",
        "content/36-2026-A-000002/1.txt",
    ]
    assert all_of("Size") == ["2", "4"], "the schema knows no size of zero"
    assert all_of("DataObjectGroupReferenceId") == ["G1-1", "G1-2", "G2-1"]
    assert all_of("FinalAction") == ["Keep", "Keep"]
    assert all_of("Rule") == ["APP-00001", "ACC-00025"] * 2
    assert all_of("OriginatingAgencyArchiveUnitIdentifier") == [
        "36-2026-A-000001",
        "36-2026-A-000002",
    ]
    assert "Courrier n° 1 &lt;&amp;&gt;" in told


@pytest.mark.parametrize(
    ("of", "into", "said"),
    [
        ("seda:v2.2", "seda:v2.1", "the root is"),
        ("<MessageIdentifier>36-2029-V-0001</MessageIdentifier>", "", "ArchiveTransfer holds"),
        ("<FinalAction>Keep</FinalAction>", "<FinalAction>Trier</FinalAction>", "FinalAction says"),
        ("<FinalAction>Keep</FinalAction>", "", "AppraisalRule holds"),
        ('id="G1-1"', 'id="U1"', "the id U1 is given 2 times"),
        (">G1-1</Data", ">G9-1</Data", "a unit refers to G9-1"),
        (">G1-1</Data", ">G9-1</Data", "no unit refers to the group G1-1"),
        ("<Size>7</Size>", "<Size>0</Size>", "Size says"),
        ('algorithm="SHA-256"', 'algorithm="MD5"', "a MessageDigest is no SHA-256"),
        ("<EndDate>2026-06-01</EndDate>", "<EndDate>1er juin</EndDate>", "EndDate says"),
        ("<DescriptionLevel>File<", "<DescriptionLevel>Dossier<", "DescriptionLevel says"),
        ("<Identifier>FRAD036</Identifier>", "<Identifier/>", "Identifier is empty"),
        ("<LegalStatus>Public Archive</LegalStatus>", "<Autre/>", "ManagementMetadata holds"),
    ],
)
def test_each_rule_of_the_standard_that_a_manifest_breaks_is_named(
    of: str, into: str, said: str
) -> None:
    told = a_manifest()
    assert of in told
    assert any(sentence.startswith(said) for sentence in wrong(told.replace(of, into))), said


def test_a_package_is_held_against_its_own_hashes(tmp_path: Path) -> None:
    told = a_manifest(a_packed_item(1, b"un", b"deux"))
    whole = a_package(tmp_path / "whole.zip", told, d1_1=b"un", d1_2=b"deux")
    assert wrong_in_package(whole) == []
    lacking = a_package(tmp_path / "lacking.zip", told, d1_1=b"un")
    assert wrong_in_package(lacking) == [
        "content/36-2026-A-000001/2.txt is named and not in the package"
    ]
    other = a_package(tmp_path / "other.zip", told, d1_1=b"un", d1_2=b"dix!", d2_1=b"trop")
    assert wrong_in_package(other) == [
        "content/36-2026-A-000002/1.txt is in the package and nowhere named",
        "content/36-2026-A-000001/2.txt has not the octets of its hash",
    ]
    octets = bytearray(whole.read_bytes())
    with zipfile.ZipFile(whole) as package:
        at = package.getinfo("content/36-2026-A-000001/1.txt").header_offset
    begins = at + 30 + int.from_bytes(octets[at + 26 : at + 28], "little")
    octets[begins : begins + 2] = b"\xff\xff"  # no block of DEFLATE begins so
    (tmp_path / "spoilt.zip").write_bytes(octets)
    with pytest.raises(Refused, match="can't be read as a ZIP"):
        wrong_in_package(tmp_path / "spoilt.zip")
    (tmp_path / "no.zip").write_bytes(b"no archive")
    with pytest.raises(Refused, match="can't be read as a ZIP"):
        wrong_in_package(tmp_path / "no.zip")


def test_a_package_whose_manifest_is_hostile_is_not_read(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>'
    found = wrong_in_package(a_package(tmp_path / "bomb.zip", bomb))
    assert found == ["manifest.xml: This XML has a document type: it is not read."]
    escaping = a_manifest().replace("content/36-2026-A-000001/1.txt", "content/../../etc/passwd")
    path = a_package(tmp_path / "escaping.zip", escaping)
    assert "'content/../../etc/passwd' is no file below content/" in wrong_in_package(path)


SCHEMA = """<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"
  targetNamespace="fr:gouv:culture:archivesdefrance:seda:v2.2" elementFormDefault="qualified">
  <xsd:include schemaLocation="{other}"/>
  <xsd:element name="ArchiveTransfer"><xsd:complexType><xsd:sequence>
    <xsd:any maxOccurs="{most}" processContents="skip"/>
  </xsd:sequence></xsd:complexType></xsd:element>
</xsd:schema>"""
NOTHING = """<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"
  targetNamespace="fr:gouv:culture:archivesdefrance:seda:v2.2"/>"""


def test_a_schema_is_followed_where_it_is_given_and_nothing_is_fetched_for_it(
    tmp_path: Path,
) -> None:
    package = a_package(tmp_path / "one.zip", a_manifest(), d1_1=b"Bonjour")
    with pytest.raises(Refused, match="has no schema that can be read"):
        wrong_in_package(package, tmp_path)
    (tmp_path / "nothing.xsd").write_text(NOTHING)
    main = tmp_path / "seda-2.2-main.xsd"
    main.write_text(SCHEMA.format(most="20", other="nothing.xsd"))
    assert wrong_in_package(package, tmp_path) == []
    main.write_text(SCHEMA.format(most="2", other="nothing.xsd"))
    (error,) = wrong_in_package(package, tmp_path)
    assert "MessageIdentifier" in error
    main.write_text(SCHEMA.format(most="20", other="http://127.0.0.1:1/nothing.xsd"))
    with pytest.raises(Refused, match="has no schema that can be read"):
        wrong_in_package(package, tmp_path)


@pytest.mark.parametrize(
    ("code", "accepted"),
    [("OK", True), ("WARNING", True), ("000", True), ("KO", False), ("101", False)],
)
def test_a_reply_says_whether_the_archive_has_it_and_since_when(
    code: str, *, accepted: bool
) -> None:
    reply = read_reply(a_reply(code), PARIS)
    assert TRANSFER in reply.names
    assert (reply.code, reply.accepted) == (code, accepted)
    assert reply.granted_at is not None
    assert reply.granted_at.isoformat() == "2029-05-14T09:30:00+02:00"


def test_a_reply_of_as_alae_names_its_transfer_where_vitams_names_itself() -> None:
    reply = read_reply(an_answer(TRANSFER, "000", "Versement accepté"), PARIS)
    assert reply.names == {TRANSFER, "FRAD036_ATR_14"}
    assert reply.accepted


def test_a_refusal_says_why_by_its_comment_or_else_by_its_events() -> None:
    assert read_reply(an_answer(TRANSFER, "300", "Doublon."), PARIS).reason == "Doublon."
    events = "".join(
        f"<Event><Outcome>KO</Outcome><OutcomeDetailMessage>{said}</OutcomeDetailMessage></Event>"
        for said in ("Contrat inactif", "Contrat inactif", "Empreinte\n fausse")
    )
    told = a_reply("KO").replace(
        b"<ReplyCode>", f"<Operation>{events}</Operation><ReplyCode>".encode()
    )
    assert read_reply(told, PARIS).reason == "Contrat inactif\nEmpreinte fausse"
    assert read_reply(a_reply("KO"), PARIS).reason == ""


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"", "archive-not-xml"),
        (b"%PDF-1.7", "archive-not-xml"),
        (b"<a" * 200_000, "archive-not-xml"),
        (b"<!DOCTYPE a><a/>", "archive-not-xml"),
        (a_reply().replace(b"ArchiveTransferReply", b"Acknowledgement"), "reply-other"),
        (a_reply().replace(b"seda:v2.2", b"seda:v1.0"), "reply-other"),
        (a_reply(""), "reply-other"),
        (a_reply(transfer=""), "reply-other"),
    ],
)
def test_what_is_no_reply_to_a_transfer_is_refused(octets: bytes, why: str) -> None:
    with pytest.raises(Refused) as refused:
        read_reply(octets, PARIS)
    assert refused.value.why == why
