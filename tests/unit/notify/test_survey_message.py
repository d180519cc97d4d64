"""The mail that invites to the survey: text and HTML say the same, and one click stops them."""

import re
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from zoneinfo import ZoneInfo

from bs4 import BeautifulSoup

from services.notify.message import AutoSubmitted, OutgoingMail, compose
from services.notify.survey_message import SurveyWords, with_way_out

WORDS = SurveyWords(
    authority="Préfecture de l’Indre <sous-préfecture>",
    page="https://ecrire.prefecture.example/enquete/abcdefgh",
    stop_url="https://ecrire.prefecture.example/enquete/abcdefgh/arret/"
    "0123456789abcdef0123456789abcdefabcdefghij",
)


def composed() -> bytes:
    return compose(
        OutgoingMail(
            author=WORDS.authority,
            mailbox="enquete@prefecture.example",
            recipient="odette@exemple.fr",
            subject=WORDS.subject,
            text=WORDS.text,
            automatic=AutoSubmitted.GENERATED,
            written=datetime(2026, 5, 13, 10, tzinfo=ZoneInfo("Europe/Paris")),
            message_id="<vgm.a.b.c@prefecture.example>",
        )
    )


def read(octets: bytes) -> EmailMessage:
    message = message_from_bytes(octets, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def said(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def flat(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def test_nothing_of_the_composed_mail_is_lost_and_the_way_out_is_added() -> None:
    before, after = read(composed()), read(with_way_out(composed(), WORDS, "vgm.b"))
    for name in ("Date", "From", "To", "Reply-To", "Subject", "Message-ID", "Auto-Submitted"):
        assert after[name] == before[name], name
    assert after["List-Unsubscribe"] == f"<{WORDS.stop_url}>"
    assert after["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert after.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in after.iter_parts()] == ["text/plain", "text/html"]
    assert said(after, "plain") == said(before, "plain")


def test_it_is_the_same_mail_each_time_it_is_written() -> None:
    assert with_way_out(composed(), WORDS, "vgm.b") == with_way_out(composed(), WORDS, "vgm.b")


def test_text_and_html_say_the_same() -> None:
    message = read(with_way_out(composed(), WORDS, "vgm.b"))
    html = BeautifulSoup(said(message, "html"), "html.parser")
    text, shown = flat(said(message, "plain")), flat(html.body.text if html.body else "")
    for sentence in (WORDS.first, WORDS.asked, WORDS.nameless, WORDS.nothing, WORDS.stop):
        assert flat(sentence) in text
        assert flat(sentence) in shown
    assert WORDS.authority in shown  # escaped in the source
    assert [link["href"] for link in html.select("a")] == [WORDS.page, WORDS.stop_url]
    assert html.select("img, script, style, link, form, [style]") == []


def test_an_address_in_a_header_is_not_cut_and_no_other_line_is_long() -> None:
    octets = with_way_out(composed(), WORDS, "vgm.b")
    lines = octets.split(b"\r\n")
    assert f"List-Unsubscribe: <{WORDS.stop_url}>".encode() in lines
    assert [line for line in lines if len(line) > 78 and not line.startswith(b"List-")] == []
    assert re.search(rb"[^\r]\n", octets) is None
