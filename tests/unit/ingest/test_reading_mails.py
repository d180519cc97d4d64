"""Any octets are read without an error, and what a mail says does not depend on its way."""

import base64
import time
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.domain import body
from services.ingest.domain.addresses import AddressList, addresses
from services.ingest.domain.bounces import signs
from services.ingest.domain.decoding import header, text
from services.ingest.domain.fingerprint import fingerprint, identity
from services.ingest.domain.mail import Mail, read
from services.ingest.domain.quotations import find_forwarded, part_text
from services.ingest.domain.threading import bare_subject
from shared.content.mime import leaves
from shared.content.phrases import Phrases, fold, fold_texts
from tests.ingest_builders import A_PDF, a_mail, a_multipart, told


def mail(octets: bytes) -> Mail:
    found = read(octets)
    assert isinstance(found, Mail)
    return found


# Hostile octets.


@given(st.binary(max_size=600))
def test_no_octets_raise(octets: bytes) -> None:
    assert told(octets)


@given(st.binary(max_size=300), st.integers(0, 400), st.sampled_from(["mixed", "report"]))
def test_no_damage_to_a_mail_raises(noise: bytes, at: int, kind: str) -> None:
    octets = a_multipart("Content-Type: text/html\r\n\r\n<p>x", A_PDF, kind=kind)
    assert told(octets[:at] + noise + octets[at:])


@given(
    st.sampled_from(["From", "To", "Subject", "Date", "Received", "References", "Content-Type"]),
    st.binary(max_size=200),
)
def test_no_header_value_raises(name: str, value: bytes) -> None:
    assert told(name.encode() + b": " + value + b"\r\n" + a_mail())


@pytest.mark.parametrize("depth", [60, 150, 400, 5_000])
def test_parts_nested_without_end_are_read_as_far_as_they_matter(depth: int) -> None:
    body = b"Content-Type: text/plain\r\n\r\nfond"
    for level in range(depth):
        head = f"Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n".encode()
        body = head + body + f"\r\n--b{level}--\r\n".encode()
    assert told(b"From: a@b.example\r\n" + body)


@pytest.mark.parametrize(
    "body",
    ["\n" * 200_000, "Le lundi " * 20_000, "> " * 100_000, "De : \n" * 30_000, "On \n" * 50_000],
)
def test_text_made_to_be_slow_is_read_at_once(body: str) -> None:
    started = time.process_time()
    part_text(body)
    find_forwarded("TR: x", body)
    told(a_mail(body))
    assert time.process_time() - started < 10


def test_attributions_without_end_are_read_in_a_time_that_grows_with_them() -> None:
    body = "De : a <a@b.example>\nEnvoyé : x\nObjet : x\n\nx\n"
    body += "Le 3 mai, <a@b.example> a écrit :\n" * 19_900 + ">"
    started = time.process_time()
    part_text(body)
    find_forwarded("TR: x", body)
    assert time.process_time() - started < 1


def test_html_nested_without_end_keeps_its_text() -> None:
    one = mail(a_mail("<div>" * 5_000 + "Bonjour", content_type="text/html; charset=utf-8"))
    assert "Bonjour" in one.text


@pytest.mark.parametrize(
    "line",
    [
        b"Message-ID: <Abc@X.example>",
        b"message-id:<Abc@X.example>",
        b"MESSAGE-ID:\r\n\t<Abc@X.example>",
    ],
)
@pytest.mark.parametrize("before", [b"", b"From: a@b.example\n", b"From: a@b.example\r\n"])
def test_a_message_id_that_begins_a_line_is_a_sign_as_it_was_written(
    line: bytes, before: bytes
) -> None:
    octets = before + line + b"\r\n\r\nBonjour"
    assert signs(mail(a_mail()), (), octets).named == ("<Abc@X.example>",)


def test_a_message_id_within_a_line_is_no_sign() -> None:
    octets = b"X-Message-ID: <a@x.example>\r\n\r\nvoir message-id: <b@x.example>"
    assert signs(mail(a_mail()), (), octets).named == ()


def test_boundaries_are_counted_in_capitals_too() -> None:
    octets = b"From: a@b.example\r\n" + b'Content-Type: multipart/mixed; BOUNDARY="b"\r\n' * 1_001
    assert leaves(octets + b"\r\nBonjour") == ()


# Charsets.


@pytest.mark.parametrize(
    ("octets", "declared"),
    [
        ("été".encode("latin-1"), "iso-8859-1"),
        ("été".encode(), ""),
        ("été".encode(), "x-unknown"),
        ("été".encode("cp1252"), "utf-8"),
        ("été".encode("cp1252"), ""),
        ("été".encode(), "ascii"),
        ("été".encode(), "rot13"),
    ],
)
def test_text_is_french_whatever_its_declared_charset_is_worth(
    octets: bytes, declared: str
) -> None:
    assert text(octets, declared) == "été"


@pytest.mark.parametrize(
    ("raw", "read_as"),
    [
        ("=?utf-8?q?Ren=C3=A9e?= Dupont", "Renée Dupont"),
        ("=?utf-8?b?w4k=?= =?utf-8?b?dMOp?=", "Été"),
        ("=?utf-8?q?=C3?= =?utf-8?q?=A9t=C3=A9?=", "été"),
        ("=?x-unknown?q?=E9t=E9?=", "été"),
        ("=?utf-8?b?***?=", ""),
        ("=?utf-8?q?pas fini", "=?utf-8?q?pas fini"),
        ("a\x00b", "ab"),
    ],
)
def test_encoded_words_are_decoded_and_the_malformed_kept(raw: str, read_as: str) -> None:
    assert header(raw) == read_as


def test_a_latin1_header_is_read() -> None:
    octets = a_mail().replace("Titre de séjour".encode(), "Été à Nîmes".encode("cp1252"))
    assert mail(octets).subject == "Été à Nîmes"


def test_a_comma_in_an_encoded_name_parts_no_address() -> None:
    (one,) = addresses(["=?utf-8?q?Dupont=2C_Ren=C3=A9e?= <RENEE@orange.example>"])
    assert (one.name, one.address) == ("Dupont, Renée", "renee@orange.example")


# Bodies.


def test_html_alone_gives_its_text_and_no_trace_of_scripts_or_images() -> None:
    html = '<style>p{}</style><p>Bonjour</p><script>alert(1)</script><img src="http://t.example/p">'
    one = mail(a_mail(html, content_type="text/html; charset=utf-8"))
    assert one.text == "Bonjour"
    assert one.html == "<p>Bonjour</p>"


def test_a_plain_part_that_only_asks_for_html_is_not_the_text() -> None:
    letter = "Madame, je vous écris au sujet de mon titre de séjour qui expire bientôt. " * 3
    octets = a_multipart(
        "Content-Type: text/plain\r\n\r\nActivez HTML.",
        f"Content-Type: text/html; charset=utf-8\r\n\r\n<p>{letter}</p>",
        kind="alternative",
    )
    assert "titre de séjour" in mail(octets).text


_PIECES = st.lists(
    st.sampled_from(
        (
            *("Bonjour", "titre", "de", "séjour", "&lt;", " ", " ", " ", "\n", "<br>", "</p><p>"),
            *("<b>", "</b>", "<span>", "</span>", "<li>", "<ul>", "<td>", "<table><tr>", "<pre>"),
            *("<blockquote type=cite>", "</blockquote>", "<a href='https://x.example'>", "</a>"),
        )
    ),
    max_size=30,
)


@given(_PIECES, st.lists(st.sampled_from(("Bonjour", "titre", "DE", "<", "autre")), max_size=20))
def test_what_is_the_text_does_not_depend_on_whether_html_is_laid_out(
    pieces: list[str], words: list[str]
) -> None:
    octets = a_multipart(
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{' '.join(words)}",
        f"Content-Type: text/html; charset=utf-8\r\n\r\n<p>{''.join(pieces)}",
        kind="alternative",
    )
    with patch.object(body, "_says_all_of", return_value=False):
        laid_out = mail(octets)
    assert mail(octets) == laid_out


def test_base64_with_a_stray_star_is_still_read() -> None:
    broken = "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nQm9uam91cg==*"
    octets = a_multipart(broken, A_PDF)
    assert "Bonjour" in mail(octets).text


def test_winmail_dat_is_kept_as_an_attachment() -> None:
    part = (
        "Content-Type: application/ms-tnef; name=winmail.dat\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\neJ8+Ig=="
    )
    one = mail(a_multipart("Content-Type: text/plain\r\n\r\nx", part))
    assert [attachment.name for attachment in one.attachments] == ["winmail.dat"]


def test_a_plis_attachment_is_found_again_in_the_original() -> None:
    octets = a_multipart("Content-Type: text/plain\r\n\r\nx", A_PDF)
    (attachment,) = mail(octets).attachments
    assert leaves(octets)[attachment.part].content == base64.b64decode("JVBERi0xLjQKJSVFT0YK")
    assert (attachment.name, attachment.size) == ("courrier.pdf", 15)


# Quotes and forwards.


@pytest.mark.parametrize(
    ("body", "own"),
    [
        ("Merci.\n\nLe lun. 11 mai 2026 à 10:00, X <x@y> a écrit :\n\n> Bonjour\n", "Merci."),
        ("Merci.\n\nOn Mon, May 11, 2026, X <x@y>\nwrote:\n> Hello\n", "Merci."),
        ("Merci.\n\n-----Message d'origine-----\nDe : X\nBonjour", "Merci."),
        (
            "Merci.\n________________________________\nDe : X <x@y>\nEnvoyé : lundi\nÀ : Y\n\nB",
            "Merci.",
        ),
        ("> Bonjour\n\nMa réponse est dessous.", "Ma réponse est dessous."),
        (
            "Le titre expire demain.\nDe : Paris à Nîmes.",
            "Le titre expire demain.\nDe : Paris à Nîmes.",
        ),
    ],
)
def test_own_words_are_parted_from_the_quoted_ones(body: str, own: str) -> None:
    assert part_text(body).own == own


# The same mail by another way.


def test_trace_headers_change_neither_fingerprint_nor_identity() -> None:
    plain, traced = mail(a_mail(dmarc=None)), mail(a_mail(above="X-Filter: 3\nDelivered-To: x@y\n"))
    assert fingerprint(plain) == fingerprint(traced)
    assert identity(plain) == identity(traced)


@given(st.lists(st.text("abc: ;=", max_size=30), max_size=4))
def test_whatever_servers_add_the_fingerprint_stays(values: list[str]) -> None:
    above = "".join(f"X-Trace-{number}: {value}\n" for number, value in enumerate(values))
    assert fingerprint(mail(a_mail(above=above))) == fingerprint(mail(a_mail()))


def test_without_date_the_topmost_received_tells_two_appearances_apart() -> None:
    first = a_mail(date=None, message_id=None)
    later = first.replace(b"10:00:00 +0200", b"11:00:00 +0200")
    assert fingerprint(mail(first)) == fingerprint(mail(later))
    assert identity(mail(first)) != identity(mail(later))


def test_another_attachment_is_another_mail() -> None:
    other = A_PDF.replace("JVBERi0xLjQ", "JVBERi0xLjU")
    part = "Content-Type: text/plain\r\n\r\nx"
    assert fingerprint(mail(a_multipart(part, A_PDF))) != fingerprint(
        mail(a_multipart(part, other))
    )


# Words and addresses of the site's tables.


@pytest.mark.parametrize(
    ("phrase", "body"),
    [
        ("envie d'en finir", "J'ai ENVIE D’EN FINIR."),
        ("titre de séjour", "TITRE   DE\nSEJOUR"),
        ("arme", "Une arme."),
        ("œuvre", "oeuvre"),
    ],
)
def test_phrases_are_found_whatever_case_accents_and_typography(phrase: str, body: str) -> None:
    assert Phrases((phrase,)).hit(fold_texts(body)) == phrase


@pytest.mark.parametrize(("phrase", "body"), [("arme", "Je suis alarmé."), ("SAS", "dans ça")])
def test_phrases_are_whole_words(phrase: str, body: str) -> None:
    assert Phrases((phrase,)).hit(fold_texts(body)) is None


@given(st.text(max_size=200))
def test_folding_twice_is_folding_once(body: str) -> None:
    assert fold(fold(body)) == fold(body)


def test_addresses_are_exact_of_a_domain_or_below_one() -> None:
    known = AddressList(("a@x.fr", "*@y.fr", "*@*.z.fr"))
    assert all(address in known for address in ("A@x.fr", "any@y.fr", "any@b.z.fr", "any@c.b.z.fr"))
    assert not any(
        address in known for address in ("b@x.fr", "any@sub.y.fr", "any@z.fr", "any@xz.fr", "")
    )


@pytest.mark.parametrize(
    "subject",
    ["Titre", "Re: Titre", "RE : TR: Titre", "Fwd: [liste] Titre", "Ré: Titre [36-2026-A-1]"],
)
def test_the_bare_subject_is_the_same_however_it_was_answered(subject: str) -> None:
    assert bare_subject(subject) == "titre"


def test_headers_of_many_mails_are_told_apart() -> None:
    mails = [read(a_mail("Bonjour.", subject=f"Titre {number}")) for number in range(40)]
    for _ in range(2):
        found = [mail.first("subject") for mail in mails if isinstance(mail, Mail)]
        assert found == [f"titre {number}" for number in range(40)]
