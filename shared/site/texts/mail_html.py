"""The same text of a notice as HTML, for programs that show it: derived from the text alone.

Every word of the text stands in it, in the same order, and nothing is loaded from anywhere: no
picture, no font, no link but a line that is one address, nothing that tells who read it. Colours
follow the reader's choice of light or dark. All notices have one sheet of style; a program that
drops it shows headings, paragraphs and lists still.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import Final

from shared.site.tables.identity import Identity
from shared.site.texts.alike_text import AlikeText, together
from shared.site.texts.templates import TemplateText

MOTTO: Final = ("Liberté", "Égalité", "Fraternité")
"""Below the mark of the State's sites."""

_ADDRESS = re.compile(r"https?://[^\s<>\"«»]+")
_STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{margin:0;padding:24px 16px;background:#fff;color:#1f2421;"
    "font:17px/1.55 system-ui,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif}"
    ".page{max-width:38em;margin:0 auto}"
    "header{padding:0 0 16px;margin:0 0 24px;border-bottom:1px solid #d9d6cd;color:#56605a;"
    "font-size:15px}"
    "header p,footer p{margin:0 0 8px}.who{color:#1f2421;font-size:19px}"
    ".mark{margin:0 0 16px;padding:0 0 0 14px;border-left:6px solid #000091;color:#161616;"
    "font-weight:700;font-size:20px;line-height:1.15}"
    ".mark i{display:block;margin:6px 0 0;font-weight:400;font-size:13px;line-height:1.2}"
    "h1{font-size:24px;line-height:1.25;margin:0 0 20px}h2{font-size:19px;margin:28px 0 8px}"
    "p{margin:0 0 16px}ul{margin:0 0 16px;padding:0 0 0 22px}li{margin:0 0 4px}"
    ".first{padding:12px 16px;border-left:5px solid #0b5563;background:#eef4f5;font-size:18px;"
    "font-weight:600}"
    "a{color:#0b5563;overflow-wrap:anywhere}"
    "section{margin:32px 0 0;padding:24px 0 0;border-top:1px solid #d9d6cd}"
    "footer{margin:32px 0 0;padding:16px 0 0;border-top:1px solid #d9d6cd;color:#56605a;"
    "font-size:14px}"
    "@media (prefers-color-scheme:dark){"
    "body{background:#161a18;color:#eceeec}.who,.mark{color:#fff}"
    "header,footer{color:#b4bcb7;border-color:#3a423d}section{border-color:#3a423d}"
    ".mark{border-color:#8585f6}.first{background:#1d2b2e;border-color:#6db6c6}a{color:#8ccbd8}}"
)


def as_html(text: TemplateText, identity: Identity) -> str:
    """Returns the HTML of a notice: its subject as heading, then its words in their order."""
    mark, language = (AlikeText.of(said, {}) for said in (_mark(identity), text.language))
    parts = (text.subject, text.head, text.opening, text.body, text.after, text.translation)
    return together(_page, mark, language, *parts, text.foot)


def _page(  # noqa: PLR0917  (the parts of a text, in their order)
    mark: str,
    language: str,
    subject: str,
    head: str,
    opening: str,
    body: str,
    after: str,
    translation: str,
    foot: str,
) -> str:
    shown = "".join(
        (
            f"<header>{mark}{''.join(_head(head))}</header>\n",
            f"<main>\n<h1>{escape(subject)}</h1>\n",
            f'<p class="first">{_lines(opening.splitlines())}</p>\n' if opening else "",
            "".join(_blocks(body)),
            "".join(_blocks(after, headed=True)),
            _translation(translation, language),
            "</main>\n",
            f"<footer>{''.join(_blocks(foot))}</footer>\n" if foot else "",
        )
    )
    return (
        '<!DOCTYPE html>\n<html lang="fr">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(subject)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f'<body>\n<div class="page">\n{shown}</div>\n</body>\n</html>\n'
    )


def part_letter(subject: str, whole: str, identity: Identity) -> TemplateText:
    """Splits the text of a letter that was stored whole into its parts, by its paragraphs.

    The head begins with the authority's name, the foot too, with more on its line; a paragraph
    of the body may begin as the foot does, which is the last one that does.
    """
    body = whole.strip().split("\n\n")
    name, head, first, foot = identity.authority, list[str](), "", list[str]()
    if body and body[0].splitlines()[:1] == [name]:
        end = next((at for at, part in enumerate(body) if _opens(part, name)), 1)
        head, body = body[:end], body[end:]
    if body and _opens(body[0], name):
        first, body = body[0], body[1:]
    feet = [at for at, part in enumerate(body) if part.startswith(f"{name} –")]
    start = feet[-1] if feet else len(body)
    body, foot = body[:start], body[start:]
    text = TemplateText(subject, *("\n\n".join(part) for part in (head, body, foot)))
    return replace(text, opening=first)


def _translation(text: str, language: str) -> str:
    if not text:
        return ""
    first, _, others = text.partition("\n\n")
    said = f"<h2>{escape(first)}</h2>\n{''.join(_blocks(others, headed=True))}"
    return f'<section lang="{escape(language)}">\n{said}</section>\n'


def _opens(paragraph: str, authority: str) -> bool:
    return paragraph.startswith((f"{authority}\u00a0:", f"{authority} :"))


def _mark(identity: Identity) -> str:
    """The mark of the State's sites alone, in words; whoever hears the mail hears the head."""
    if identity.theme != "dsfr":
        return ""
    lines, motto = ("<br>".join(escape(line) for line in said) for said in (identity.brand, MOTTO))
    return f'<p class="mark" aria-hidden="true">{lines}<i>{motto}</i></p>'


def _head(text: str) -> Iterator[str]:
    for paragraph in _paragraphs(text):
        first, *others = paragraph
        named = f'<strong class="who">{escape(first)}</strong>'
        yield f"<p>{'<br>'.join([named, *([_lines(others)] if others else [])])}</p>\n"


def _blocks(text: str, *, headed: bool = False) -> Iterator[str]:
    """The paragraphs and lists of a text; `headed`: a question that stands alone is a heading."""
    for paragraph in _paragraphs(text):
        if headed and len(paragraph) == 1 and paragraph[0].endswith("?"):
            yield f"<h2>{escape(paragraph[0])}</h2>\n"
            continue
        plain: list[str] = []
        items: list[str] = []
        for line in paragraph:
            if line.startswith("- "):
                yield from _said(plain)
                items.append(line[2:])
                plain = []
            else:
                yield from _listed(items)
                plain.append(line)
                items = []
        yield from _said(plain)
        yield from _listed(items)


def _said(lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield f"<p>{_lines(lines)}</p>\n"


def _listed(items: Sequence[str]) -> Iterator[str]:
    if items:
        yield f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>\n"


def _paragraphs(text: str) -> Iterator[Sequence[str]]:
    for paragraph in text.split("\n\n"):
        if lines := [line.strip() for line in paragraph.splitlines() if line.strip()]:
            yield lines


def _lines(lines: Sequence[str]) -> str:
    return "<br>".join(
        f'<a href="{escape(line)}">{escape(line)}</a>' if _ADDRESS.fullmatch(line) else escape(line)
        for line in lines
    )
