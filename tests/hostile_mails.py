"""Mails made to stop or slow whoever reads them: each shape by its name, at any size in octets."""

from collections.abc import Callable, Mapping
from itertools import count
from random import Random

HEAD = (
    b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\n"
    b"Date: Mon, 11 May 2026 09:59:00 +0200\r\n"
)
MULTIPART = b"multipart/mixed; boundary=b"
DAEMON = b"From: MAILER-DAEMON@x.example\r\nReturn-Path: <>\r\nSubject: failure\r\n\r\n"
BASE64, QUOTED = (
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
)

UUENCODE = b"Content-Transfer-Encoding: uuencode\r\n"

Shape = Callable[[int], bytes]


def filled(unit: bytes, size: int) -> bytes:
    return unit * max(1, size // len(unit))


def numbered(unit: bytes, size: int) -> bytes:
    found = bytearray()
    for number in count():
        if len(found) >= size:
            return bytes(found)
        found += unit % number
    raise AssertionError


def part(media_type: bytes, body: bytes, more: bytes = b"") -> bytes:
    return HEAD + b"Content-Type: " + media_type + b"\r\n" + more + b"\r\n" + body


def repeated(unit: bytes, media_type: bytes = b"text/plain", more: bytes = b"") -> Shape:
    return lambda size: part(media_type, filled(unit, size), more)


def html(unit: bytes, before: bytes = b"") -> Shape:
    return lambda size: part(b"text/html", before + filled(unit, size))


def field(name: bytes, unit: bytes) -> Shape:
    return lambda size: b"From: a@b.example\r\n" + name + b": " + filled(unit, size) + b"\r\n\r\nx"


def nested(depth: int) -> Shape:
    level = b"Content-Type: multipart/x; boundary=%d\r\n\r\n--%d\r\n"
    deep = b"".join(level % (number, number) for number in range(depth))
    return lambda size: (
        HEAD + deep + b"Content-Type: text/plain\r\n\r\n" + filled(b"\r\nx", size - len(deep))
    )


def noise(size: int) -> bytes:
    return Random(size).randbytes(size)  # noqa: S311  (a corpus, no secret)


SHAPES: Mapping[str, Shape] = {
    "text": repeated(b"abcd efgh\r\n"),
    "one line": repeated(b"a"),
    "blank lines": repeated(b"\r\n"),
    "carriage returns": repeated(b"\r"),
    "header fields": lambda size: HEAD + numbered(b"X-%d: y\r\n", size) + b"\r\nx",
    "a folded field": lambda size: HEAD + b"X-A: y\r\n" + filled(b" z\r\n", size) + b"\r\nx",
    "Received lines": lambda size: HEAD + filled(b"Received: by x; (((((\r\n", size) + b"\r\nx",
    "references": field(b"References", b"<a@b>"),
    "brackets in the subject": field(b"Subject", b"[a]"),
    "encoded words": field(b"Subject", b"=?utf-8?q?a?= "),
    "a word in punycode": lambda size: field(b"Subject", b"=?punycode?q?" + b"a" * size + b"?=")(1),
    "a word in idna": lambda size: field(b"Subject", b"=?idna?q?" + b"xn--" * (size // 4) + b"?=")(
        1
    ),
    "addresses": lambda size: (
        b"From: a@b.example\r\nTo: " + numbered(b"x%d@y.example,", size) + b"\r\n\r\nx"
    ),
    "an address of brackets": field(b"To", b"("),
    "a long address": lambda size: field(b"To", b"<" + b"a" * size + b"@b>")(1),
    "a long Content-Type": lambda size: part(b"text/plain" + filled(b"; charset", size), b"x"),
    "multiparts 250 deep": nested(250),
    "multiparts 990 deep": nested(990),
    "multiparts 15,000 deep": nested(15_000),
    "parts": lambda size: part(MULTIPART, filled(b"--b\r\n\r\nx\r\n", size) + b"--b--\r\n"),
    "parts without header": lambda size: part(MULTIPART, filled(b"--b\r\nCt.\r\n", size)),
    "attached messages": lambda size: part(
        MULTIPART,
        filled(b"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: x@y.example\r\n\r\nz\r\n", size)
        + b"--b--\r\n",
    ),
    "long names": lambda size: part(
        MULTIPART,
        b'--b\r\nContent-Type: application/pdf; name="=?punycode?q?'
        + b"a" * size
        + b'?="\r\n\r\nx\r\n--b--\r\n',
    ),
    "parameters of a part without content": lambda size: part(
        MULTIPART, b"--b\r\nContent-Type: image/png" + filled(b"; x=y", size) + b"\r\n\r\n--b--\r\n"
    ),
    "parameters of a multipart without content": lambda size: part(
        MULTIPART + filled(b"; x=y", size), b"--b\r\n\r\n--b--\r\n"
    ),
    "an open quote among parameters": lambda size: part(
        MULTIPART,
        b'--b\r\nContent-Disposition: attachment; a="' + filled(b";", size) + b"\r\n\r\n--b--\r\n",
    ),
    "dashes": repeated(b"-", b"multipart/mixed; boundary=" + b"-" * 60),
    "boundaries within a line": repeated(b"--b", MULTIPART),
    "idna": repeated(b"xn--a.", b"text/plain; charset=idna"),
    "utf-7": repeated(b"+AAA-", b"text/plain; charset=utf-7"),
    "hz": repeated(b"~{", b"text/plain; charset=hz"),
    "iso-2022": repeated(b"\x1b$B", b"text/plain; charset=iso-2022-jp"),
    "base64 in short lines": repeated(b"QUJD\r\n", b"application/x-y", BASE64),
    "base64 of an odd size": repeated(b"QUJDQ", b"application/x-y", BASE64),
    "base64 of ends": repeated(b"Q==", b"application/x-y", BASE64),
    "quoted-printable": repeated(b"=41=\r\n", more=QUOTED),
    "equals signs": repeated(b"=", more=QUOTED),
    "uuencode": repeated(
        b"M" + b"a" * 60 + b"\r\n", more=b"Content-Transfer-Encoding: uuencode\r\n"
    ),
    "Message-IDs": repeated(b"message-id: <a@b>\r\n"),
    "a report of addresses": lambda size: DAEMON + filled(b"<a@b.example>: \r\n", size),
    "a report of blanks": lambda size: DAEMON + filled(b" ", size),
    "an attribution": lambda size: part(b"text/plain", b"de" + b" " * size + b"x"),
    "attributions": lambda size: part(
        b"text/plain; charset=utf-8",
        b"x\r\n"
        + filled(b"Le 3 mai, <a@b.example> a \xc3\xa9crit :\r\n", min(size, 750_000))
        + b">",
    ),
    "quotations": repeated(b"> " * 450 + b"x\r\n"),
    "<div>": html(b"<div>"),
    "<b><p>": html(b"<b><p>"),
    "<ul><li>": html(b"<ul><li>"),
    "tables in tables": html(b"<table><tr><td>"),
    "columns without end": html(b"<tr><td colspan=1000000>x<td>y", b"<table>"),
    "comments": html(b"<!--"),
    "signs": html(b"<"),
    "unfinished tags": html(b"<a "),
    "attributes": html(b"x=1 ", b"<a "),
    "entities": html(b"&amp;"),
    "noise": noise,
}
"""What is read for what it is."""

SLOW: Mapping[str, Shape] = {
    "a table of many rows": html(b"<tr><td>x<td>y", b"<table>"),
    "a row of many columns": html(b"<td>x", b"<table><tr>"),
    "tags that a comment hides": html(b"<div><!--</div>-->"),
    "ampersands": html(b"&"),
}
"""What is read without its HTML when there is much of it."""
