"""A name that is too long loses its middle, never what says with which program it is opened."""

import hashlib

import pytest

from services.desk.pages.downloads import a_file
from services.ingest.domain.mail import Mail, read
from shared.content.mime_fields import shorten_name
from shared.content.spool import spool_file
from tests.ingest_builders import a_multipart


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("recours.pdf", "recours.pdf"),
        ("a" * 300 + ".pdf", "a" * 246 + ".pdf"),
        ("é" * 249 + ".PDF", "é" * 246 + ".PDF"),
        ("a" * 300 + ".tar.gz", "a" * 247 + ".gz"),
        ("a" * 300, "a" * 250),
        ("a" * 260 + ". Merci de votre réponse", "a" * 250),
        ("." + "a" * 300, "." + "a" * 249),
        ("a" * 300 + ".", "a" * 250),
    ],
)
def test_a_long_name_keeps_its_extension(name: str, kept: str) -> None:
    assert shorten_name(name) == kept


def test_a_file_in_a_mail_keeps_its_extension() -> None:
    long = "demande de titre de séjour " * 20
    part = f'Content-Type: application/pdf; name="{long}.pdf"\r\n\r\n%PDF-1.4'
    mail = read(a_multipart("Content-Type: text/plain\r\n\r\nBonjour", part))
    assert isinstance(mail, Mail)
    (file,) = mail.attachments
    assert (len(file.name), file.name[-4:], file.name[:10]) == (250, ".pdf", "demande de")


def test_a_file_of_the_public_form_keeps_its_extension() -> None:
    file = spool_file("photo " * 60 + ".jpg", "image/jpeg", b"x")
    assert (len(file.name), file.name[-4:]) == (250, ".jpg")
    assert file.sha256 == hashlib.sha256(b"x").hexdigest()


def test_a_file_that_is_downloaded_keeps_its_extension() -> None:
    told = a_file(b"x", "a" * 246 + ".pdf").headers["content-disposition"]
    assert f'filename="{"a" * 146}.pdf"' in told
    assert told.endswith(f"''{'a' * 146}.pdf")
