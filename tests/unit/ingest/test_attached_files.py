"""A letter that is attached is read whatever file it is in, and judged as if it were written."""

import io
from collections.abc import Callable

import pikepdf
import pytest

from services.ingest.attachment_process import rtf, rtf_unpacker
from services.ingest.attachment_process.file_reader import content, files_read
from services.ingest.domain.attachments import (
    AttachedTexts,
    AttachmentText,
    read_before,
    reading_of,
    worth_reading,
)
from services.ingest.domain.full_mail import read_whole
from services.ingest.domain.judge_mail import MailboxPlace, judge
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.domain.mail import Mail
from shared.content.plis import Attachment, Correspondent, Pli
from shared.facts.envelope import ServiceId
from shared.facts.vocabulary import AttachmentReading, Nature
from tests import attached_files as made
from tests.attached_files import body, part
from tests.ingest_builders import INTERNAL, a_mail, a_multipart, indre_rules, told
from tests.zips import zipped

LETTER = (
    "Madame, Monsieur,\n"
    "Je forme un recours gracieux contre la décision du 3 mars.\n"
    "Je n’en peux plus, je veux mourir."
)
PLACE = MailboxPlace("pref-bmi", ServiceId("bmi"))
A_LINE = "Bonjour, veuillez trouver ma lettre ci-jointe. Cordialement."

FILES: dict[str, Callable[[str], bytes]] = {
    "lettre.docx": made.docx,
    "lettre.odt": made.odt,
    "lettre.xlsx": made.xlsx,
    "lettre.rtf": made.rtf,
    "lettre.pdf": made.pdf,
    "lettre.txt": lambda text: text.encode("cp1252"),
    "lettre.html": lambda text: f"<html><body><p>{text}</p></body></html>".encode(),
    "lettre.eml": made.eml,
    "winmail.dat": made.tnef,
    "smime.p7m": made.signed,
    "en deux.eml": lambda text: made.eml("Voir ci-joint.", ("lettre.docx", made.docx(text))),
    "en deux.dat": lambda text: made.tnef("Voir ci-joint.", ("lettre.odt", made.odt(text))),
}


def a_mail_with(name: str, octets: bytes, text: str = A_LINE) -> bytes:
    return a_multipart(body(text), part(name, octets), subject="Courrier")


def texts_of(octets: bytes) -> AttachedTexts:
    found: dict[int, list[str]] = {}
    for piece in files_read(octets, range(1, 20)).pieces:
        found.setdefault(piece.path[0], []).append(piece.text)
    return AttachedTexts({n: AttachmentText("\n".join(texts)) for n, texts in found.items()})


def judged(octets: bytes, attached: AttachedTexts | None) -> ArrivalJudgement:
    (found,) = judge(octets, read_whole(octets), PLACE, INTERNAL, indre_rules(), attached)
    assert isinstance(found, ArrivalJudgement)
    return found


@pytest.mark.parametrize("name", FILES)
def test_a_letter_in_a_file_is_judged_as_one_that_is_written(name: str) -> None:
    octets = a_mail_with(name, FILES[name](LETTER))
    before, after = judged(octets, None), judged(octets, texts_of(octets))
    assert (before.routing.danger, before.routing.nature) == (False, Nature.UNKNOWN)
    assert before.reading is AttachmentReading.AWAITED
    assert (after.routing.danger, after.routing.nature) == (True, Nature.APPEAL)
    assert after.reading is None
    (written,) = told(a_mail(LETTER, subject="Courrier"))
    assert isinstance(written, ArrivalJudgement)
    assert after.routing == written.routing


def test_the_text_of_a_file_stands_beside_it_in_the_pli_and_not_in_the_senders_own() -> None:
    octets = a_mail_with("lettre.docx", made.docx(LETTER))
    pli = judged(octets, texts_of(octets)).pli
    assert pli is not None
    assert pli.text == A_LINE
    assert [(file.name, file.text) for file in pli.attachments] == [("lettre.docx", LETTER)]


def test_an_arrival_is_the_same_before_and_after_its_files_are_read() -> None:
    octets = a_mail_with("lettre.docx", made.docx(LETTER))
    before, after = judged(octets, None), judged(octets, texts_of(octets))
    assert before.fingerprint == after.fingerprint


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("Bonjour", AttachmentReading.AWAITED),
        ("mot " * 39, AttachmentReading.AWAITED),
        ("mot " * 40, AttachmentReading.BESIDE),
        ("mot " * 60 + "en pièce jointe", AttachmentReading.AWAITED),
        ("mot " * 60 + "Vous trouverez mon dossier", AttachmentReading.AWAITED),
    ],
)
def test_a_mail_that_says_little_or_names_an_enclosure_waits(
    text: str, reading: AttachmentReading
) -> None:
    assert judged(a_mail_with("a.docx", made.docx("x"), text), None).reading is reading


def test_a_mail_without_a_file_that_may_say_something_does_not_wait() -> None:
    logo = part("logo.png", b"\x89PNG\r\n\x1a\n" + b"x" * 5_000, "image/png")
    signature = part("smime.p7s", b"0" * 9_000, "application/pkcs7-signature")
    mail = read_whole(a_multipart(body("Bonjour"), logo, signature))
    assert isinstance(mail, Mail)
    assert worth_reading(mail.attachments) == ()
    assert reading_of(mail, mail.text) is None


def test_a_newsletter_is_not_read() -> None:
    octets = a_multipart(
        body("Bonjour"), part("a.docx", made.docx("x")), headers={"List-Id": "<lettre.example>"}
    )
    assert judged(octets, None).reading is None


# What a file is.


@pytest.mark.parametrize(
    ("octets", "kind", "reason"),
    [
        (made.scan("Je forme un recours contre cette décision."), "picture", None),
        (made.photo("Je forme un recours contre cette décision."), "picture", None),
        (made.locked("secret"), "", "locked"),
        (b"%PDF-1.7 torn", "", "damaged"),
        (b"PK\x03\x04 torn", "", "unknown-kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "", "unknown-kind"),
        (b"\x00\x01\x02\x03" * 300, "", "unknown-kind"),
        (b"", "", None),
    ],
)  # fmt: skip
def test_what_has_no_text_of_its_own_is_a_picture_or_says_why(
    octets: bytes, kind: str, reason: str | None
) -> None:
    (found,) = files_read(a_mail_with("fichier", octets or b" "), [1]).pieces
    assert ("picture" if found.picture else "", found.reason) == (kind, reason)


MANY_WORDS = "Nous avons bien reçu votre aimable invitation et vous en remercions vivement."


@pytest.mark.parametrize(
    "octets",
    [
        made.outlines("Je veux mourir.", MANY_WORDS),
        made.outlines("", MANY_WORDS),
        made.outlines(LETTER, ""),
    ],
    ids=["drawn letters and white ones", "white letters alone", "drawn letters alone"],
)
def test_a_page_that_shows_other_than_it_says_is_read_by_ocr_too(octets: bytes) -> None:
    (found,) = files_read(a_mail_with("lettre.pdf", octets), [1]).pieces
    assert found.picture


@pytest.mark.parametrize("angle", [0, 90, 180])
def test_a_page_that_shows_what_it_says_is_believed(angle: int) -> None:
    with pikepdf.open(io.BytesIO(made.pdf(LETTER))) as document:
        document.pages[0].rotate(angle, relative=True)
        turned = io.BytesIO()
        document.save(turned)
    (found,) = files_read(a_mail_with("lettre.pdf", turned.getvalue()), [1]).pieces
    assert (found.picture, "recours gracieux" in found.text) == (False, True)


@pytest.mark.parametrize(
    "under", [b"0.6 g -9 -9 2000 2000 re f", b"0 g 0 0 9 9 re 0 832 9 99 re f"]
)
def test_paper_is_what_most_of_a_page_is_whatever_its_colour_and_corners(under: bytes) -> None:
    with pikepdf.open(io.BytesIO(made.pdf(LETTER))) as document:
        document.pages[0].contents_add(b"q " + under + b" Q", prepend=True)
        laid = io.BytesIO()
        document.save(laid)
    (found,) = files_read(a_mail_with("lettre.pdf", laid.getvalue()), [1]).pieces
    assert (found.picture, "recours gracieux" in found.text) == (False, True)


def test_a_picture_is_given_to_the_ocr_from_wherever_it_lies() -> None:
    photo = made.photo("Bonjour")
    octets = a_mail_with("message.eml", made.eml("Voir ci-joint.", ("photo.jpg", photo)))
    (picture,) = (piece for piece in files_read(octets, [1]).pieces if piece.picture)
    assert picture.name == "photo.jpg"
    assert content(octets, picture.path) == photo


def test_an_archive_is_listed_and_not_opened() -> None:
    archive = zipped({"recours.docx": made.docx(LETTER), "carte.jpg": b"x"})
    (found,) = files_read(a_mail_with("dossier.zip", archive), [1]).pieces
    assert (found.text, found.reason) == ("recours.docx\ncarte.jpg", "unknown-kind")


def test_messages_in_messages_are_read_three_deep() -> None:
    octets = made.eml("au fond")
    for _ in range(6):
        octets = made.eml("plus haut", ("message.eml", octets))
    found = files_read(a_mail_with("message.eml", octets), [1]).pieces
    assert max(len(piece.path) for piece in found) == 4
    assert found[-1].reason == "too-deep"


# Bounds.


def test_a_bomb_of_xml_is_read_as_far_as_its_bound() -> None:
    bomb = made.docx("mot " * 3_000_000)
    assert len(bomb) < 1_000_000
    (found,) = files_read(a_mail_with("a.docx", bomb), [1]).pieces
    assert 100_000 < len(found.text) <= 200_000


def test_xml_that_declares_entities_is_refused() -> None:
    hostile = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">]><a>&a;</a>'
    octets = zipped({"[Content_Types].xml": b"", "word/document.xml": hostile})
    (found,) = files_read(a_mail_with("a.docx", octets), [1]).pieces
    assert (found.text, found.reason) == ("", "damaged")


def test_rtf_as_outlook_compresses_it_is_unpacked() -> None:
    # The example of [MS-OXRTFCP], 4.1.
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af3"
        "2068656c090020627705b06c647d0a800fa0"
    )
    assert rtf.text_of(rtf_unpacker.unpacked_rtf(packed)) == "hello world"


def test_no_text_of_before_stands_under_another_file() -> None:
    def file(part: int, sha256: str, text: str = "") -> Attachment:
        return Attachment(
            name="x.pdf", media_type="application/pdf", size=9, sha256=sha256, part=part, text=text
        )

    before = read_before([file(1, "a" * 64, "Lettre"), file(2, "b" * 64, "Facture")])
    assert before is not None
    nobody = Correspondent()
    today = Pli(
        kind="mail",
        sender=nobody,
        answer_to=nobody,
        attachments=(file(0, "a" * 64), file(1, "b" * 64), file(2, "c" * 64)),
    )
    kept = before.kept_in(today).attachments
    assert [found.text for found in kept] == ["Lettre", "Facture", ""]
    assert before.covers(today.attachments[:2])
    assert not before.covers(today.attachments)
