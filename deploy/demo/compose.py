"""The story's mails as octets: each as its sender's program, or its mishap, would have made it.

`SHAPES` is the table of what can go wrong. Lines of other machines (Received, the result of DMARC)
are written as the préfecture's own server would, since it is their moment and verdict that count.
"""

import base64
import quopri
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from typing import Any

CRLF = b"\r\n"
TINY_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]\
/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer\
<</Root 1 0 R>>\n%%EOF\n"


@dataclass(frozen=True, slots=True)
class WebsiteRelay:
    """The demo mail server's host and authserv-id in demo mails, and its header of spam in spam.

    mailboxes.yaml trusts the server by them; a mail that is noise has none.
    """

    host: str
    authserv_id: str
    spam: tuple[str, str]


@dataclass(frozen=True, slots=True)
class AnswerDraft:
    """The data of a notice of ours that a demo sender's mail program quotes in its answer."""

    message_id: str
    subject: str
    return_path: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A demo email under construction: header lines in order, and an encoded body."""

    headers: tuple[tuple[str, bytes], ...]
    body: bytes

    def with_headers(self, **changes: bytes | None) -> "Draft":
        """Returns a copy of the email with headers replaced or added; `None` removes one."""
        wanted = {name.replace("_", "-").lower(): value for name, value in changes.items()}
        kept = [
            (name, wanted.pop(name.lower(), value) if name.lower() in wanted else value)
            for name, value in self.headers
        ]
        added = [(name.title(), value) for name, value in wanted.items()]
        lines = ((name, value) for name, value in [*kept, *added] if value is not None)
        return replace(self, headers=tuple(lines))

    def octets(self) -> bytes:
        """Serialises the email as octets."""
        head = CRLF.join(name.encode() + b": " + value for name, value in self.headers)
        return head + CRLF + CRLF + self.body.replace(b"\r\n", b"\n").replace(b"\n", CRLF)


def compose(
    mail: Mapping[str, Any],
    to: str,
    at: datetime,
    relay: WebsiteRelay,
    answered: AnswerDraft | None,
) -> bytes:
    """Makes the octets of a demo mail of mails.yaml as our server took it at `at`.

    Its lines Received and Authentication-Results are on top; the shape `noise` is no mail at all.
    """
    name = str(mail.get("shape", "plain"))
    if name == "noise":
        return b"".join(sha256(f"{mail['id']}{index}".encode()).digest() for index in range(40))
    draft = SHAPES[name](mail, _draft(mail, to, at), answered)
    trace = (
        f"Received: from relais.example (relais.example [192.0.2.17])\r\n\tby {relay.host}"
        f" with ESMTPS id {str(mail['id'])[:12]}\r\n\tfor <{to}>; {format_datetime(at)}\r\n"
        f"Authentication-Results: {relay.authserv_id}; dmarc={_dmarc(name)}"
        f" header.from={parseaddr(str(mail['from']))[1].rpartition('@')[2]}\r\n"
    )
    if name == "spam":
        trace += f"{relay.spam[0]}: {relay.spam[1]}\r\n"
    return trace.encode() + draft.octets()


def message_id(mail: Mapping[str, Any]) -> str:
    """Returns the Message-ID of a demo mail of mails.yaml."""
    return f"<{mail['id']}.2026@{parseaddr(str(mail['from']))[1].rpartition('@')[2] or 'example'}>"


def _dmarc(shape: str) -> str:
    return {"dmarc_fail": "fail", "noise": "none", "spam": "none"}.get(shape, "pass")


def _draft(mail: Mapping[str, Any], to: str, at: datetime) -> Draft:
    headers = (
        ("From", _words(str(mail["from"]))),
        ("To", to.encode()),
        ("Subject", _words(str(mail["subject"]))),
        ("Date", format_datetime(at).encode()),
        ("Message-ID", message_id(mail).encode()),
        ("MIME-Version", b"1.0"),
        ("Content-Type", b"text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", b"8bit"),
    )
    return Draft(headers, str(mail["text"]).encode())


def _words(text: str, charset: str = "utf-8") -> bytes:
    """A header value, its words encoded where they are not ASCII (RFC 2047)."""
    if text.isascii():
        return text.encode()
    name, address = parseaddr(text)
    if address and "<" in text:
        return f"{Header(name, charset).encode()} <{address}>".encode()
    return Header(text, charset).encode().encode()


DraftShaper = Callable[[Mapping[str, Any], Draft, AnswerDraft | None], Draft]


def _as_is(_: Mapping[str, Any], draft: Draft, __: AnswerDraft | None) -> Draft:
    return draft


def _html(mail: Mapping[str, Any], draft: Draft, _: AnswerDraft | None) -> Draft:
    paragraphs = "".join(
        f"<p>{paragraph}</p>" for paragraph in str(mail["text"]).split("\n\n") if paragraph
    )
    page = (
        f"<html><head><style>p{{color:#333}}</style></head><body>{paragraphs}"
        '<img src="http://traceur.example/pixel.gif"><script>alert(1)</script></body></html>'
    )
    return replace(draft.with_headers(content_type=b"text/html; charset=utf-8"), body=page.encode())


def _charset(charset: str, encoding: str) -> DraftShaper:
    def shape(mail: Mapping[str, Any], draft: Draft, _: AnswerDraft | None) -> Draft:
        body = str(mail["text"]).encode(encoding)
        if charset != "windows-1252":
            body = quopri.encodestring(body)
        transfer = b"8bit" if charset == "windows-1252" else b"quoted-printable"
        subject = str(mail["subject"]).encode(encoding)  # raw octets, as some programs do
        changed = draft.with_headers(
            subject=subject,
            content_type=f"text/plain; charset={charset}".encode(),
            content_transfer_encoding=transfer,
        )
        return replace(changed, body=body)

    return shape


def _with_parts(mail: Mapping[str, Any], draft: Draft, _: AnswerDraft | None) -> Draft:
    pdf = base64.encodebytes(TINY_PDF).decode()
    name = mail["attachment"]
    body = (
        "--limite\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
        f"{mail['text']}\n--limite\nContent-Type: application/pdf; name={name}\n"
        f"Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename={name}\n\n"
        f"{pdf}\n--limite--\n"
    )
    changed = draft.with_headers(content_type=b"multipart/mixed; boundary=limite")
    return replace(changed, body=body.encode())


def _broken(mail: Mapping[str, Any], draft: Draft, _: AnswerDraft | None) -> Draft:
    """A boundary that never closes, and a base64 part cut in its middle."""
    body = (
        "--limite\nContent-Type: text/plain; charset=utf-8\n\n"
        f"{mail['text']}\n--limite\nContent-Type: image/jpeg\n"
        "Content-Transfer-Encoding: base64\n\n/9j/4AAQSkZJRgABAQ=A*\n"
    )
    changed = draft.with_headers(
        content_type=b"multipart/mixed; boundary=limite", content_transfer_encoding=None
    )
    return replace(changed, body=body.encode())


def _form(mail: Mapping[str, Any], draft: Draft, _: AnswerDraft | None) -> Draft:
    person = mail["person"]
    body = (
        "Un message a été déposé depuis le formulaire de contact.\n\n"
        f"Nom : {person['name']}\nCourriel : {person['email']}\n"
        f"Objet : {mail['about_subject']}\nMessage : {mail['text']}"
    )
    return replace(draft.with_headers(auto_submitted=b"auto-generated"), body=body.encode())


def _answer(mail: Mapping[str, Any], draft: Draft, answered: AnswerDraft | None) -> Draft:
    """An answer to one of our notices: its Message-ID and subject come back."""
    if answered is None:
        raise ValueError(f"{mail['id']} answers a notice that never left: {mail['about']}")
    reference = answered.message_id.encode()
    threaded = draft.with_headers(
        subject=_words(f"Re: {answered.subject}"), in_reply_to=reference, references=reference
    )
    return _with_parts(mail, threaded, None) if "attachment" in mail else threaded


def _bounce(mail: Mapping[str, Any], draft: Draft, answered: AnswerDraft | None) -> Draft:
    """An RFC 3464 report on one of our notices, sent to its signed return path."""
    if answered is None:
        raise ValueError(f"{mail['id']} returns a notice that never left: {mail['about']}")
    body = (
        f"--limite\nContent-Type: text/plain\n\n{mail['text']}\n"
        "--limite\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; relais.example\n\n"
        "Final-Recipient: rfc822; fatou.sane@courriel.example\nAction: failed\nStatus: 5.1.1\n\n"
        f"--limite\nContent-Type: text/rfc822-headers\n\nMessage-ID: {answered.message_id}\n"
        f"Subject: {_words(answered.subject).decode()}\n\n--limite--\n"
    )
    report = b'multipart/report; report-type=delivery-status; boundary="limite"'
    changed = draft.with_headers(
        to=answered.return_path.encode(),
        return_path=b"<>",
        auto_submitted=b"auto-replied",
        content_type=report,
    )
    return replace(changed, body=body.encode())


def _read_receipt(mail: Mapping[str, Any], draft: Draft, _: AnswerDraft | None) -> Draft:
    body = (
        f"--limite\nContent-Type: text/plain; charset=utf-8\n\n{mail['text']}\n"
        "--limite\nContent-Type: message/disposition-notification\n\n"
        "Final-Recipient: rfc822;bureau@harmonie-ecueille.example\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n\n--limite--\n"
    )
    report = b"multipart/report; report-type=disposition-notification; boundary=limite"
    return replace(draft.with_headers(content_type=report), body=body.encode())


def _headers(**headers: bytes | None) -> DraftShaper:
    def shape(_: Mapping[str, Any], draft: Draft, __: AnswerDraft | None) -> Draft:
        return draft.with_headers(**headers)

    return shape


SHAPES: Mapping[str, DraftShaper] = {
    "plain": _as_is,
    "html": _html,
    "latin1": _charset("iso-8859-1", "latin-1"),
    "cp1252": _charset("windows-1252", "cp1252"),
    "pdf": _with_parts,
    "form": _form,
    "answer": _answer,
    "bounce": _bounce,
    "read_receipt": _read_receipt,
    "broken_mime": _broken,
    "newsletter": _headers(
        list_id=b"<lettre.editions-territoires.example>",
        list_unsubscribe=b"<mailto:stop@editions-territoires.example>",
        precedence=b"bulk",
    ),
    "out_of_office": _headers(auto_submitted=b"auto-replied", precedence=b"auto_reply"),
    "no_message_id": _headers(message_id=None),
    "no_date": _headers(date=None),
    "dmarc_fail": _as_is,
    "spam": _as_is,
    "forwarded": _as_is,
    "encoded_words": _as_is,
    "probe": _as_is,
}
