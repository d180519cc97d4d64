"""What people wrote is read whatever their program made of it: charsets, names, lines, packings."""

import binascii
import hashlib
import time

import pytest

from services.ingest.domain.addresses import addresses
from services.ingest.domain.decoding import header, text
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.domain.mail import Mail, UnreadableMail, read
from shared.content.mime import leaves
from shared.facts.arrival_base import LikenessThread
from shared.facts.arrivals import Enter
from shared.web.foreign_child import answer
from tests.ingest_builders import A_PDF, a_mail, a_multipart, told

LETTER = b"%PDF-1.4 je demande un recours gracieux " * 8


def mail(octets: bytes) -> Mail:
    found = read(octets)
    assert isinstance(found, Mail)
    return found


def uuencoded(content: bytes, name: str) -> str:
    lines = [binascii.b2a_uu(content[at : at + 45]).decode() for at in range(0, len(content), 45)]
    return f"begin 644 {name}\n{''.join(lines)}`\nend\n"


# Charsets, as browsers read them.


@pytest.mark.parametrize(
    ("octets", "declared", "read_as"),
    [
        (b"l\x92euro \x80, l\x92\x9cuvre\x85", "iso-8859-1", "l’euro €, l’œuvre…"),
        (b"l\x92\x9cuvre", "us-ascii", "l’œuvre"),
        (b"l\x92\xbduvre \xa4", "iso-8859-15", "l’œuvre €"),
        ("été déjà".encode(), "iso-8859-1", "été déjà"),
        ("œuvre déjà".encode(), "windows-1252", "œuvre déjà"),
        ("naïve œuvre".encode(), "koi8-r", "naïve œuvre"),
        ("déjà élevé ".encode() + b"\xe9t\xe9", "utf-8", "déjà élevé été"),
        ("déjà élevé à l’été ".encode() + b"\xe9", "iso-8859-1", "déjà élevé à l’été é"),
        ("朱镕基".encode("gb18030"), "gb2312", "朱镕基"),
        ("①日本".encode("cp932"), "shift_jis", "①日本"),
        ("日本".encode("cp932"), "x-sjis", "日本"),
        ("한국 똠".encode("cp949"), "ks_c_5601-1987", "한국 똠"),
        ("été".encode("mac_roman"), "x-mac-roman", "été"),
        ("été".encode("cp850"), "cp-850", "été"),
        ("été".encode("cp850"), "ibm850", "été"),
        ("שלום".encode("iso8859_8"), "iso-8859-8-i", "שלום"),
        ("été".encode("cp1252"), "'iso-8859-1';", "été"),
        ("été".encode(), "unicode-1-1-utf-8", "été"),
        ("\ufeffété".encode(), "utf-8", "été"),
        ("l\u0092été".encode(), "utf-8", "l’été"),
        ("Добрый день".encode("koi8_r"), "koi8-r", "Добрый день"),
        ("Добрый день".encode("cp1251"), "windows-1251", "Добрый день"),
    ],
)
def test_a_charset_is_what_browsers_read_under_its_name(
    octets: bytes, declared: str, read_as: str
) -> None:
    assert text(octets, declared) == read_as


def test_an_encoded_word_too_is_read_as_browsers_do() -> None:
    assert header("=?iso-8859-1?Q?L=92=E9t=E9_=E0_l=92=9Cuvre?=") == "L’été à l’œuvre"


# Who writes.


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Dupont, Jean <j@d.example>", [("Dupont, Jean", "j@d.example")]),
        ("=?iso-8859-1?Q?Dupr=E9,=20Andr=E9?= <a@d.example>", [("Dupré, André", "a@d.example")]),
        ("Mairie; état civil <m@d.example>", [("Mairie; état civil", "m@d.example")]),
        (
            "Dupont, Jean, Mairie <j@d.example>, Autre, Paul <p@d.example>",
            [("Dupont, Jean, Mairie", "j@d.example"), ("Autre, Paul", "p@d.example")],
        ),
        ("Élus: a@b.example, Jean <j@d.example>;", [("", "a@b.example"), ("Jean", "j@d.example")]),
        ("undisclosed-recipients:;", []),
        ("a@b.example (Jean, l'ami)", [("Jean, l'ami", "a@b.example")]),
        ("Jean (<x@y.example>) <a@b.example>", [("Jean (<x@y.example>)", "a@b.example")]),
        ("<mailto:a@b.example>", [("", "a@b.example")]),
        ("mailto:a@b.example", [("", "a@b.example")]),
        ("a@b.example.", [("", "a@b.example")]),
        ("Jean <<a@b.example>>", [("Jean", "a@b.example")]),
        ("<@relais.example:a@b.example>", [("", "a@b.example")]),
        ("a (c) @ b.example", [("c", "a@b.example")]),
        ('"D, J" <a@b.example>, M <m@b.example>', [("D, J", "a@b.example"), ("M", "m@b.example")]),
        ("jean@d.example <jean@d.example>, <>", [("jean@d.example", "jean@d.example")]),
        ("Jean Dupont", [("Jean Dupont", "")]),
        ('"deux mots"@b.example', [("deux mots@b.example", "")]),
        ("Jean <a@b.example", [("Jean", "a@b.example")]),
        ("a@b.example;c@d.example", [("", "a@b.example"), ("", "c@d.example")]),
    ],
)  # fmt: skip
def test_a_sender_is_found_whatever_stands_in_their_name(
    value: str, found: list[tuple[str, str]]
) -> None:
    assert [(who.name, who.address) for who in addresses([value])] == found


def test_two_addresses_behind_one_name_are_two_senders() -> None:
    found = addresses(["Jean <a@b.example> <c@d.example>"])
    assert [who.address for who in found] == ["a@b.example", "c@d.example"]


@pytest.mark.parametrize("sign", [",", "(", '"', "@,", "<a"])
def test_addresses_made_to_be_slow_are_read_at_once(sign: str) -> None:
    started = time.process_time()
    addresses([sign * 100_000])
    assert time.process_time() - started < 5


# Lines.


def test_a_folded_line_of_white_space_does_not_end_the_header() -> None:
    octets = a_mail(dmarc=None, subject="Titre\r\n \t\r\n de séjour", above="X-Trace: un\r\n  \r\n")
    one = mail(octets)
    assert (one.sender.address, one.subject) == ("renee.dupont@orange.example", "Titre de séjour")
    assert one.text == "Bonjour, où en est mon titre de séjour ?"
    assert one.written is not None


def test_a_line_of_white_space_before_the_text_ends_the_header() -> None:
    octets = b"From: a@b.example\r\nSubject: Carte\r\n  \r\nBonjour, voici : rien\r\n\r\nNom: X"
    assert mail(octets).text.startswith("Bonjour, voici : rien")


def test_a_white_line_ends_no_part_that_is_attached_below_it() -> None:
    octets = a_multipart(
        "Content-Type: text/plain\r\n\r\nBonjour", A_PDF, subject="Un\r\n \r\n deux"
    )
    one = mail(octets)
    assert (one.text, [found.name for found in one.attachments]) == ("Bonjour", ["courrier.pdf"])


def test_a_mail_whose_lines_end_in_bare_returns_is_read_with_its_parts() -> None:
    octets = a_multipart("Content-Type: text/plain\r\n\r\nBonjour", A_PDF)
    one = mail(octets.replace(b"\r\n", b"\r"))
    assert one.sender.address == "renee.dupont@orange.example"
    assert (one.text, [found.name for found in one.attachments]) == ("Bonjour", ["courrier.pdf"])


def test_a_text_whose_lines_end_in_bare_returns_below_an_ordinary_header_is_read() -> None:
    head, _, body = a_multipart("Content-Type: text/plain\r\n\r\nBonjour", A_PDF).partition(
        b"\r\n\r\n"
    )
    one = mail(head + b"\r\n\r\n" + body.replace(b"\r\n", b"\r"))
    assert (one.text, len(one.attachments)) == ("Bonjour", 1)


# Packings.


def test_uuencoded_files_in_a_text_are_attachments() -> None:
    octets = a_mail(f"Bonjour,\n\n{uuencoded(LETTER, 'ma lettre.pdf')}\nCordialement")
    one = mail(octets)
    assert one.text.split() == ["Bonjour,", "Cordialement"]
    (found,) = one.attachments
    assert (found.name, found.media_type, found.size) == (
        "ma lettre.pdf",
        "application/pdf",
        len(LETTER),
    )
    assert leaves(octets)[found.part].content == LETTER


def test_a_uuencoded_part_is_the_file_and_not_its_packing() -> None:
    part = (
        'Content-Type: application/pdf; name="a;b.pdf"\r\n'
        f"Content-Transfer-Encoding: x-uuencode\r\n\r\n{uuencoded(LETTER, 'x')}"
    )
    octets = a_multipart("Content-Type: text/plain\r\n\r\nBonjour", part)
    (found,) = mail(octets).attachments
    assert (found.name, found.sha256) == ("a;b.pdf", hashlib.sha256(LETTER).hexdigest())


def test_a_uuencoded_part_is_found_by_the_digest_of_before_it_was_unpacked() -> None:
    packed = uuencoded(LETTER, "x").replace("\n", "\r\n").strip().encode()
    part = (
        "Content-Type: application/pdf; name=x.pdf\r\n"
        f"Content-Transfer-Encoding: x-uuencode\r\n\r\n{packed.decode()}"
    )
    octets = a_multipart("Content-Type: text/plain\r\n\r\nBonjour", part)
    wanted = hashlib.sha256(leaves(octets, unpack=False)[1].content).hexdigest()
    assert answer({"do": "part", "sha256": wanted}, octets)[0] is True


@pytest.mark.parametrize("end", ["", "\nend"])
def test_words_that_look_like_a_packed_file_stay_text(end: str) -> None:
    body = f"begin 644 pages\nMonsieur le Préfet, voici les pages que j'ai lues.{end}"
    assert mail(a_mail(body)).text.startswith("begin 644 pages\nMonsieur le Préfet")


def test_base64_that_is_none_is_what_somebody_wrote() -> None:
    octets = a_mail(
        "Bonjour Madame, ceci est ma lettre.", headers={"Content-Transfer-Encoding": "base64"}
    )
    assert mail(octets).text == "Bonjour Madame, ceci est ma lettre."


def test_a_type_that_is_none_is_text() -> None:
    assert mail(a_mail("Bonjour Madame", content_type="text; charset")).text == "Bonjour Madame"


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        ('application/pdf; name="un;deux.pdf"', "un;deux.pdf"),
        ("application/pdf; name==?utf-8?Q?d=C3=A9cision;un.pdf?=", "décision;un.pdf"),
        ('application/pdf; name="dit \\"le bon\\".pdf"', 'dit "le bon".pdf'),
    ],
)
def test_a_file_keeps_its_whole_name(declared: str, name: str) -> None:
    (found,) = mail(a_multipart(f"Content-Type: {declared}\r\n\r\n%PDF-")).attachments
    assert found.name == name


# What is alternative to what.


def test_a_plain_part_that_asks_for_html_gives_way_to_it() -> None:
    plain = "Ce message nécessite un client de messagerie qui affiche le HTML."
    html = "<p>Je forme un recours contre le refus du 3 mars.</p>"
    octets = a_multipart(
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{plain}",
        f"Content-Type: text/html; charset=utf-8\r\n\r\n{html}",
        kind="alternative",
    )
    assert mail(octets).text == "Je forme un recours contre le refus du 3 mars."


def test_two_bodies_that_say_two_things_are_both_read() -> None:
    octets = a_multipart(
        "Content-Type: text/plain; charset=utf-8\r\n\r\nBonjour Madame, voici ma demande.",
        "Content-Type: text/html; charset=utf-8\r\n\r\n<p>Je veux mourir.</p>",
    )
    assert mail(octets).text.split("\n\n") == [
        "Bonjour Madame, voici ma demande.",
        "Je veux mourir.",
    ]


# Divided messages.


def fragment(number: int, body: str, subject: str) -> bytes:
    kind = f'message/partial; id="lettre-7@orange.example"; number={number}; total=2'
    return a_mail(body, content_type=kind, subject=subject, message_id=f"<p{number}@x.example>")


def test_the_parts_of_a_divided_message_are_read_and_proposed_as_one_exchange() -> None:
    inner = (
        "Subject: Ma lettre\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nJe forme un recours"
    )
    first, second = (
        told(fragment(1, inner, "Ma lettre [1/2]"))[0],
        told(fragment(2, "contre le refus du 3 mars.", "Ma lettre [2/2]"))[0],
    )
    assert isinstance(first, ArrivalJudgement)
    assert isinstance(second, ArrivalJudgement)
    assert isinstance(first.verdict, Enter)
    assert first.pli is not None
    assert second.pli is not None
    assert (first.pli.text, second.pli.text) == (
        "Je forme un recours",
        "contre le refus du 3 mars.",
    )
    assert first.subject is not None
    assert second.threads == (LikenessThread(subject=first.subject),)


def test_an_encoded_rest_of_a_divided_message_is_no_text() -> None:
    body = ("QUJD" * 19 + "\r\n") * 5
    assert mail(fragment(2, body, "Ma lettre [2/2]")).text == ""


# Quarantine.


def test_a_text_without_header_is_shown_from_its_first_line() -> None:
    found = read(b"Bonjour Madame,\r\n\r\nJe vous \xe9cris.\r\n")
    assert isinstance(found, UnreadableMail)
    assert found.text == "Bonjour Madame,\n\nJe vous écris."


def test_parts_in_which_nothing_stands_are_read_as_the_text_that_stands_there() -> None:
    octets = a_mail("--a\r\n--b\r\n\r\nBonjour", content_type='multipart/mixed; boundary="a"')
    assert "Bonjour" in mail(octets).text
