"""What a citizen answers to a mail of ours with HTML joins its item, and our words stay ours."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path

import pytest

from services.ingest.domain.full_mail import read_whole
from services.ingest.domain.mail import Mail
from services.ingest.domain.threading import threads
from services.notify.message import AutoSubmitted, OutgoingMail, compose
from shared.content.mime import message_digest
from shared.content.site_keys import SiteKeys
from shared.content.tokens import subject_token
from shared.facts.arrival_base import MessageThread, TokenThread
from shared.facts.envelope import Chrono
from shared.facts.vocabulary import NoticeKind
from shared.site.load import load_folder
from shared.site.texts.mail_html import as_html
from shared.site.texts.samples import samples
from shared.site.texts.templates import render

KEYS = SiteKeys(b"secret of the tests")
CHRONO = Chrono("36-2026-A-000123")
SITE = load_folder(Path(__file__).parents[3] / "deploy" / "site" / "indre")
TEXT = render(SITE.templates, samples(NoticeKind.RECEIPT)[0])
OURS = compose(
    OutgoingMail(
        author="Bureau des migrations",
        mailbox="pref-bmi@indre.example",
        recipient="jeanne@exemple.fr",
        subject=f"{TEXT.subject} {subject_token(KEYS, CHRONO)}",
        text=TEXT.whole,
        html=as_html(TEXT, SITE.identity),
        automatic=AutoSubmitted.REPLIED,
        written=datetime(2026, 5, 11, 10, tzinfo=UTC),
        message_id="<vgm.a.b.c@indre.example>",
    )
)
OWN = "Merci, je vous envoie mon passeport demain."
WHO = "Bureau des migrations <pref-bmi@indre.example>"
WHO_HTML = "Bureau des migrations &lt;pref-bmi@indre.example&gt;"
FIELDS = (
    f"De : {WHO}\nEnvoyé : lundi 11 mai 2026 10:00\nÀ : jeanne@exemple.fr\nObjet : {TEXT.subject}"
)
FIELDS_HTML = "<br>".join(
    f"<b>{name} :</b> {said}"
    for name, said in (
        ("De", WHO_HTML),
        ("Envoyé", "lundi 11 mai 2026 10:00"),
        ("À", "jeanne@exemple.fr"),
        ("Objet", TEXT.subject),
    )
)


def quoted() -> tuple[str, str]:
    """Our text with the sign of quotation, and our HTML as a program puts it into its own."""
    read = message_from_bytes(OURS, policy=default)
    assert isinstance(read, EmailMessage)
    plain, html = read.get_body(("plain",)), read.get_body(("html",))
    assert plain is not None
    assert html is not None
    lines = plain.get_content().replace("\r\n", "\n").replace(" \n", " ").splitlines()
    page = str(html.get_content())
    return "\n".join(f"> {line}" for line in lines), page[page.index("<style>") :]


PLAIN, HTML = quoted()
BARE = PLAIN.replace("\n> ", "\n").removeprefix("> ")
GMAIL = f"Le lun. 11 mai 2026 à 10:00, {WHO} a\nécrit :"
GMAIL_HTML = f"Le lun. 11 mai 2026 à 10:00, {WHO_HTML} a écrit :"
APPLE_HTML = f"Le 11 mai 2026 à 10:00, {WHO_HTML} a écrit :<br>"
YAHOO_HTML = f"Le lundi 11 mai 2026 à 10:00:00 UTC+2, {WHO_HTML} a écrit :"
THUNDERBIRD = "Le 11/05/2026 à 10:00, Bureau des migrations a écrit :"
REPLIES = {
    "gmail": (
        f"{OWN}\n\n{GMAIL}\n\n{PLAIN}",
        (
            f'<div dir="ltr">{OWN}</div><br><div class="gmail_quote"><div class="gmail_attr">'
            f'{GMAIL_HTML}<br></div><blockquote class="gmail_quote">{HTML}</blockquote></div>'
        ),
    ),
    "outlook": (
        f"{OWN}\n\n________________________________\n{FIELDS}\n\n{BARE}",
        f'<div>{OWN}</div><hr><div id="divRplyFwdMsg">{FIELDS_HTML}</div><div>{HTML}</div>',
    ),
    "outlook, html alone": (
        "",
        f'<div>{OWN}</div><hr><div id="divRplyFwdMsg">{FIELDS_HTML}</div><div>{HTML}</div>',
    ),
    "apple": (
        f"{OWN}\n\n> Le 11 mai 2026 à 10:00, {WHO} a écrit :\n> \n{PLAIN}",
        f'<div>{OWN}</div><br><blockquote type="cite">{APPLE_HTML}{HTML}</blockquote>',
    ),
    "apple, html alone": (
        "",
        f'<div>{OWN}</div><br><blockquote type="cite">{APPLE_HTML}{HTML}</blockquote>',
    ),
    "thunderbird": (f"{OWN}\n\n{THUNDERBIRD}\n{PLAIN}", ""),
    "yahoo": (
        f"{OWN}\n\n    Le lundi 11 mai 2026 à 10:00:00 UTC+2, {WHO} a écrit :  \n \n {BARE}",
        (
            f'<div>{OWN}</div><div class="yahoo_quoted"><div>{YAHOO_HTML}</div>'
            f"<div>{HTML}</div></div>"
        ),
    ),
}


def reply(plain: str, html: str) -> Mail:
    message = EmailMessage(policy=SMTP)
    message["From"] = "Jeanne Martin <jeanne@exemple.fr>"
    message["To"] = "pref-bmi@indre.example"
    message["Subject"] = f"Re: {TEXT.subject} {subject_token(KEYS, CHRONO)}"
    message["Message-ID"] = "<reponse@exemple.fr>"
    message["In-Reply-To"] = "<vgm.a.b.c@indre.example>"
    if plain:
        message.set_content(plain)
        if html:
            message.add_alternative(html, subtype="html")
    else:
        message.set_content(html, subtype="html")
    found = read_whole(message.as_bytes())
    assert isinstance(found, Mail)
    return found


@pytest.mark.parametrize("program", REPLIES)
def test_our_own_words_are_not_read_as_the_citizen_s(program: str) -> None:
    mail = reply(*REPLIES[program])
    assert OWN in " ".join(mail.text.split())
    for ours in ("3114", "danger", "renvoyez", "enregistrement automatique", "CNIL", "Accueil"):
        assert ours not in mail.text


@pytest.mark.parametrize("program", REPLIES)
def test_a_reply_joins_its_item(program: str) -> None:
    found = threads(reply(*REPLIES[program]), KEYS)
    assert found[0] == TokenThread(chrono=CHRONO)
    assert MessageThread(messages=(message_digest("vgm.a.b.c@indre.example"),)) in found


def test_what_we_sent_is_read_as_its_text_wherever_it_comes_by() -> None:
    """A copy in a Sent folder, or in another mailbox of ours."""
    mail = read_whole(OURS)
    assert isinstance(mail, Mail)
    plain = read_whole(sent_as_text_alone())
    assert isinstance(plain, Mail)
    assert mail.text == plain.text


def sent_as_text_alone() -> bytes:
    return compose(
        OutgoingMail(
            author="Bureau des migrations",
            mailbox="pref-bmi@indre.example",
            recipient="jeanne@exemple.fr",
            subject=TEXT.subject,
            text=TEXT.whole,
            automatic=AutoSubmitted.REPLIED,
            written=datetime(2026, 5, 11, 10, tzinfo=UTC),
            message_id="<vgm.a.b.c@indre.example>",
        )
    )
