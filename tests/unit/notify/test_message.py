"""DOMAIN §7, RFC 5322, 3676, 3834, 6531: what stands in a mail of ours."""

import textwrap
from dataclasses import replace
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, default

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.ingest.domain.addresses import addresses
from services.notify.header_cache import header
from services.notify.mail_files import EnclosedFile, wrap_flowed
from services.notify.mail_parts import FLOWED, mail_octets, text_part
from services.notify.message import AutoSubmitted, OutgoingMail, compose
from shared.content.addresses import CONTROL, UnusableAddress, one_address
from tests.unit.notify.builders import MONDAY

MAIL = OutgoingMail(
    author="Bureau des migrations et de l’intégration",
    mailbox="pref-bmi@indre.example",
    recipient="jeanne@exemple.fr",
    message_id="<vgm.a.b.c@indre.example>",
    subject="Votre message est enregistré [36-2026-A-000123-K7QF2MWX3A]",
    text="Bonjour,\n\nVotre message a été reçu.\n",
    automatic=AutoSubmitted.REPLIED,
    written=MONDAY,
    answers="<question@exemple.fr>",
    references=("<avant@exemple.fr>",),
)


def read(octets: bytes) -> EmailMessage:
    message = message_from_bytes(octets, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_receipt_says_that_a_machine_wrote_it_and_threads_with_the_question() -> None:
    message = read(compose(MAIL))
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["In-Reply-To"] == "<question@exemple.fr>"
    assert message["References"] == "<avant@exemple.fr> <question@exemple.fr>"
    assert message["Message-ID"] == "<vgm.a.b.c@indre.example>"
    assert message["Subject"] == MAIL.subject
    assert message["From"].addresses[0].addr_spec == "pref-bmi@indre.example"
    assert message["Reply-To"] == "pref-bmi@indre.example"
    assert message["To"] == "jeanne@exemple.fr"


def test_out_of_office_is_asked_to_be_quiet_but_a_bounce_may_come_back() -> None:
    asked = read(compose(MAIL))["X-Auto-Response-Suppress"].split(", ")
    assert asked == ["OOF", "AutoReply", "RN", "NRN"]


def test_files_leave_behind_the_words_and_composed_anew_are_the_same_octets() -> None:
    files = (
        EnclosedFile("Récépissé.pdf", "application/pdf", b"%PDF-1.7 x"),
        EnclosedFile("plan\r\nBcc: x.png", "image/png", bytes(range(256))),
    )
    for html in ("", "<p>Bonjour,</p>"):
        mail = replace(MAIL, automatic=AutoSubmitted.NO, files=files, html=html)
        octets = compose(mail)
        assert octets == compose(mail)
        message = read(octets)
        assert message.get_content_type() == "multipart/mixed"
        assert message["Bcc"] is None
        left = [
            (part.get_filename(), part.get_content_type(), part.get_content())
            for part in message.iter_attachments()
        ]
        assert left == [
            ("Récépissé.pdf", "application/pdf", b"%PDF-1.7 x"),
            ("plan Bcc: x.png", "image/png", bytes(range(256))),
        ]
        body = message.get_body(("plain",))
        assert body is not None
        assert "Votre message a été reçu." in body.get_content()


def test_what_a_person_ordered_is_no_automatic_mail() -> None:
    message = read(compose(replace(MAIL, automatic=AutoSubmitted.NO)))
    assert message["Auto-Submitted"] is None
    assert message["X-Auto-Response-Suppress"] is None


def test_the_body_is_plain_flowed_text_in_utf8() -> None:
    octets = compose(MAIL)
    message = read(octets)
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"
    assert message["Content-Type"].params["format"] == "flowed"
    assert message.get_content().replace("\r\n", "\n") == MAIL.text
    assert octets.isascii()
    assert all(len(line) <= 998 for line in octets.split(b"\r\n"))


@given(st.text(), st.text(), st.text(), st.lists(st.text(), max_size=3))
def test_no_text_from_outside_adds_a_header_or_a_recipient(
    subject: str, author: str, answers: str, references: list[str]
) -> None:
    message = read(
        compose(
            replace(
                MAIL,
                subject=subject,
                author=author,
                answers=answers,
                references=tuple(references),
            )
        )
    )
    assert set(message.keys()) <= {
        "Date", "From", "To", "Reply-To", "Subject", "Message-ID", "In-Reply-To", "References",
        "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Type",
        "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert [address.addr_spec for address in message["To"].addresses] == ["jeanne@exemple.fr"]
    assert [address.addr_spec for address in message["From"].addresses] == [
        "pref-bmi@indre.example"
    ]


def test_a_line_break_in_a_subject_becomes_a_space() -> None:
    message = read(compose(replace(MAIL, subject="Titre\r\nBcc: autre@exemple.fr")))
    assert message["Subject"] == "Titre Bcc: autre@exemple.fr"
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    "address",
    [
        "",
        "personne",
        "a@b@c",
        "a@exemple.fr, b@exemple.fr",
        "a@exemple.fr;b@exemple.fr",
        "a@exemple.fr\r\nBcc: b@exemple.fr",
        "<a@exemple.fr>",
        "a b@exemple.fr",
        "\u202ea@exemple.fr",
        "a@" + "x" * 200,
        "=?utf-8?q?=0D=0ABcc=3A_x=40evil.example?=@exemple.fr",
        "=?utf-8?q?a=40evil.example=2Cb?=@exemple.fr",
        "a@=?utf-8?q?exemple.fr=2C?=",
        "a@exemple.fr\uff0cevil.example",
        "a@exemple.fr\uff20evil.example",
    ],
)
def test_what_is_no_single_address_is_refused(address: str) -> None:
    with pytest.raises(UnusableAddress, match="correct it at the desk"):
        one_address(address)


def test_an_international_domain_travels_in_ascii_and_a_local_part_as_it_is() -> None:
    assert one_address("jeanne@münchen.example") == "jeanne@xn--mnchen-3ya.example"
    assert one_address("hélène@exemple.fr") == "hélène@exemple.fr"
    octets = compose(replace(MAIL, recipient="hélène@exemple.fr"))
    assert "hélène@exemple.fr".encode() in octets


def test_an_encoded_word_in_place_of_an_address_is_never_written_into_a_header() -> None:
    (hostile,) = addresses(["Jean <=?utf-8?q?=0D=0ABcc=3A_x=40evil.fr?=@x.fr>"])
    assert hostile.address == "=?utf-8?q?=0d=0abcc=3a_x=40evil.fr?=@x.fr", "kept as it came"
    elected = "maire@commune.example"
    for mail in (
        replace(MAIL, recipient=hostile.address),
        replace(MAIL, recipient=elected, to=hostile.address, copies=(elected,)),
        replace(MAIL, copies=(hostile.address,)),
    ):
        with pytest.raises(UnusableAddress):
            compose(mail)


def test_copies_are_written_as_addresses_and_not_read_anew() -> None:
    mail = replace(MAIL, copies=("maire@commune.example", "a&b'c@é.example"))
    written = read(compose(mail))["Cc"].addresses
    assert [address.addr_spec for address in written] == [
        "maire@commune.example",
        "a&b'c@xn--9ca.example",
    ]
    abroad = compose(replace(mail, copies=("maire@commune.example", "hélène@exemple.fr")))
    assert "Cc: maire@commune.example, hélène@exemple.fr\r\n".encode() in abroad


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\r\n\r\n", "\n\n"])
def test_a_mail_with_a_header_that_nobody_set_is_not_made(end: str) -> None:
    whole = text_part(FLOWED, "Bonjour,\n")
    said = header("Subject", "Votre courrier")
    assert mail_octets([said], whole).startswith(b"Subject: Votre courrier\r\nContent-Type: ")
    with pytest.raises(UnusableAddress):
        mail_octets([said, f"From: x{end}Bcc: x@evil.example\r\n"], whole)


def test_a_header_with_letters_that_no_plain_mail_may_have_is_not_written() -> None:
    with pytest.raises(UnicodeEncodeError):
        compose(replace(MAIL, message_id="<vgm.a.b.c@préfecture.example>"))


def test_long_paragraphs_are_folded_and_read_back_whole() -> None:
    paragraph = "Votre demande a été transmise au service compétent. " * 6
    lines = wrap_flowed(paragraph.strip()).splitlines()
    assert all(len(line) <= 74 for line in lines)
    assert "".join(lines) == paragraph.strip()


def test_no_line_begins_with_a_sign_that_french_sets_apart() -> None:
    for before in range(50, 75):
        lines = wrap_flowed(f"{'x' * before} retard ; « ma demande » : oui ?").splitlines()
        assert not [line for line in lines if line[0] in ";:?»" or line.rstrip().endswith("«")]


@given(st.lists(st.text("aé\u00a0-", min_size=1, max_size=90), min_size=1, max_size=30))
def test_a_paragraph_is_filled_as_the_library_fills_it(words: list[str]) -> None:
    paragraph = " ".join(f"x{word}x" for word in words)
    filled = textwrap.wrap(paragraph, 72, break_long_words=False, break_on_hyphens=False)
    assert wrap_flowed(paragraph) == " \n".join(filled) + "\n"


@given(st.text(max_size=300), st.sampled_from([MAIL.recipient, "zoé@exemple.fr"]))
@example("Votre courrier =?utf-8?q?vu?= le 3", MAIL.recipient)
@example("é" * 90 + " x", MAIL.recipient)
def test_a_subject_is_read_back_as_it_was_given(subject: str, to: str) -> None:
    octets = compose(replace(MAIL, subject=subject, recipient=to))
    said = " ".join(CONTROL.sub(" ", subject).split())[:200]
    assert read(octets)["Subject"] == said.rstrip()
    lines = octets.partition(b"\r\nMessage-ID:")[0].partition(b"\r\nSubject:")[2]
    words = lines.decode("ascii").split()
    assert all(len(word) <= 75 for word in words if word.startswith("=?"))
    assert all(len(line) <= 78 for line in lines.split(b"\r\n") if line.count(b" ") > 1)


@pytest.mark.parametrize("to", [MAIL.recipient, "zoé@exemple.fr"])
@pytest.mark.parametrize("html", ["", "<p>Été.</p>\n"])
@pytest.mark.parametrize("files", [(), (EnclosedFile("été.png", "image/png", bytes(256)),)])
def test_a_mail_is_serialised_as_the_library_serialises_it(
    to: str, html: str, files: tuple[EnclosedFile, ...]
) -> None:
    mail = replace(MAIL, recipient=to, html=html, files=files, automatic=AutoSubmitted.NO)
    policy = SMTP if to.isascii() else SMTPUTF8
    octets = compose(mail)
    message = message_from_bytes(octets, policy=policy.clone(refold_source="none"))
    assert message.as_bytes() == octets
    assert not [part.defects for part in message.walk() if part.defects]


def test_a_line_that_looks_like_a_quote_is_stuffed() -> None:
    assert wrap_flowed("> cité\nFrom moi") == " > cité\n From moi\n"


@given(st.text(min_size=1, max_size=200), st.sampled_from([MAIL.recipient, "zoé@exemple.fr"]))
def test_the_name_of_a_service_is_folded_as_the_library_folds_it(name: str, to: str) -> None:
    for _ in range(2):  # the second time it is known
        octets = compose(replace(MAIL, author=name, recipient=to))
        lines = octets.split(b"\r\nTo:")[0].partition(b"\r\nFrom:")[2]
        author = " ".join(CONTROL.sub(" ", name).split())
        policy = SMTP if to.isascii() else SMTPUTF8
        header = policy.header_factory("From", Address(author, addr_spec=MAIL.mailbox))
        assert b"From:" + lines + b"\r\n" == policy.fold_binary("From", header)


def test_html_stands_beside_the_text_which_comes_first_as_it_was() -> None:
    html = '<!DOCTYPE html>\n<html lang="fr"><body><p>Été = bonjour.</p></body></html>\n'
    octets = compose(replace(MAIL, html=html))
    message = read(octets)
    assert message.get_content_type() == "multipart/alternative"
    plain, beside = message.iter_parts()
    assert (plain.get_content_type(), beside.get_content_type()) == ("text/plain", "text/html")
    assert plain["Content-Type"].params["format"] == "flowed"
    assert isinstance(plain, EmailMessage)
    assert isinstance(beside, EmailMessage)
    assert plain.get_content().replace("\r\n", "\n") == MAIL.text
    assert beside.get_content().replace("\r\n", "\n") == html
    assert octets.isascii()
    assert all(len(line) <= 998 for line in octets.split(b"\r\n"))
    for name in ("Message-ID", "In-Reply-To", "References", "Auto-Submitted", "Subject"):
        assert message[name] == read(compose(MAIL))[name]


def test_a_mail_composed_anew_has_the_same_octets() -> None:
    mail = replace(MAIL, html="<p>Bonjour.</p>")
    assert compose(mail) == compose(mail)


def test_a_copy_is_addressed_as_the_letter_and_everybody_sees_who_has_one() -> None:
    cc = ("mairie@issoudun.example", "elue@cher.example")
    letter = read(compose(replace(MAIL, copies=cc)))
    copy = read(compose(replace(MAIL, recipient=cc[0], to="jeanne@exemple.fr", copies=cc)))
    for mail in (letter, copy):
        assert (mail["To"], mail["Cc"]) == ("jeanne@exemple.fr", ", ".join(cc))
    assert read(compose(MAIL))["Cc"] is None
    with pytest.raises(UnusableAddress):
        compose(replace(MAIL, copies=("a@x.example\nBcc: b@x.example",)))
