"""The tokens of an address header (RFC 5322), and an address without what surrounds it.

Header values are a stranger's: a quote or a bracket that nothing closes is a letter like others,
and an encoded word is one token, whatever stands inside it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from services.ingest.domain.decoding import WORD_PAYLOAD

_LONGEST = 254
_WORD = re.compile(rf"=\?[^?\s]{{1,60}}\?[bBqQ]\?{WORD_PAYLOAD}{{0,5000}}+\?=")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ANGLE = re.compile(r"<([^<>]*+)(>?)")
_PLAIN = re.compile(r'[^=",;<>(:]++|.', re.DOTALL)
_PARENTHESES = re.compile(r"\\.|[()]", re.DOTALL)
_PREFIX = re.compile(r"^(?:mailto|smtp|e-?mail)\s*:\s*|^@[^:]{1,300}:", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]{0,200}\)")
_AROUND_AT = re.compile(r"\s*@\s*")
_NO_ADDRESS = re.compile(r'[\s<>()",;:\\]')


@dataclass(frozen=True, slots=True)
class Token:
    """A token of an address header: `text` has no quotes, brackets or parentheses of its own."""

    kind: Literal["text", "word", "quoted", "comment", "angle", "colon", "end"]
    text: str

    def is_end(self, sign: str) -> bool:
        """Whether this sign (`,` or `;`) may end an address here."""
        return self.kind == "end" and self.text == sign

    @property
    def written(self) -> str:
        """The token as a sender's name shows it: a comment in its brackets, another as it is."""
        return f"({self.text})" if self.kind == "comment" else self.text


def tokens(value: str) -> Iterator[Token]:
    """Yields the tokens of an address header's value, in a time that grows with its length."""
    position, unclosed = 0, set[str]()
    while position < len(value):
        sign = value[position]
        found = None if sign in unclosed else _enclosed(value, position)
        if found is None:
            if sign in '"(':
                # Nothing closes this one, hence none that follows.
                unclosed.add(sign)
            found = _plain(value, position)
        token, position = found
        yield token


def _enclosed(value: str, at: int) -> tuple[Token, int] | None:
    match value[at]:
        case "=" if word := _WORD.match(value, at):
            return Token("word", word[0]), word.end()
        case '"' if quoted := _QUOTED.match(value, at):
            return Token("quoted", _ESCAPED.sub(r"\1", quoted[1])), quoted.end()
        case "(" if end := _end_of_comment(value, at):
            return Token("comment", value[at + 1 : end - 1]), end
        case "<" if angle := _ANGLE.match(value, at):
            inside = angle[1] if angle[2] else re.split("[,;]", angle[1], maxsplit=1)[0]
            return Token("angle", inside), angle.end() if angle[2] else at + 1 + len(inside)
        case _:
            return None


def _plain(value: str, at: int) -> tuple[Token, int]:
    match value[at]:
        case ">":
            return Token("text", ""), at + 1
        case "," | ";" as sign:
            return Token("end", sign), at + 1
        case ":":
            return Token("colon", ":"), at + 1
        case _:
            plain = _PLAIN.match(value, at)
            text = plain[0] if plain is not None else value[at]
            return Token("text", text), at + len(text)


def _end_of_comment(value: str, begin: int) -> int | None:
    depth = 0
    for found in _PARENTHESES.finditer(value, begin):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    return None


def bare(written: str) -> str:
    """Returns an email address in lower case without what was put around it, or ""."""
    written = _COMMENT.sub("", written)
    address = _AROUND_AT.sub("@", _PREFIX.sub("", written.strip(" \t\n\"'"))).lower()
    address = address.strip("\"'(),;:<> ").rstrip(".")
    local, _, domain = address.rpartition("@")
    local = local.strip('"')
    if not local or not domain or _NO_ADDRESS.search(local + domain):
        return ""
    return "" if len(local) + len(domain) >= _LONGEST else f"{local}@{domain}"
