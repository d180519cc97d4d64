"""HTML of a stranger: an allow-list of tags for the page, and its text for rules and search."""

import html as entities
import re

import inscriptis
import nh3

from shared.content.shallow_html import shallow

_READ = 1_000_000

_TITLE = re.compile(r"<title[^<>]{0,200}>[^<]{0,2000}</title\s{0,9}>", re.IGNORECASE)
_HIDING = tuple(
    (re.compile(begin, re.IGNORECASE), re.compile(end, re.IGNORECASE))
    for begin, end in (
        ("<!--", "-->"),
        (r"<style\b", r"</style\s{0,9}>"),
        (r"<script\b", r"</script\s{0,9}>"),
        (r"<title\b", r"</title\s{0,9}>"),
    )
)
"""What hides the words between its two marks."""
_MARK = re.compile(r"<[^<>]{0,20000}>")
_TAGS = {
    *("a", "b", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "hr", "i", "li", "ol"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "s", "small", "span", "strong", "sub", "sup"),
    *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
}
_ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}


def cleaned(html: str) -> str:
    """Sanitises HTML: keeps text, structure and links; drops scripts, styles, forms, images.

    Only the first million characters are kept; the title of the page, which no mail program shows,
    is none of them.
    """
    return nh3.clean(
        shallow(_TITLE.sub("", html[:_READ])),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def words_of(html: str) -> str:
    """Returns the words of HTML by removing its tags, without parsing it.

    Only the first million characters are read. What nothing closes (a comment, a style) hides
    nothing: behind it stands what somebody wrote.
    """
    shown = html[:_READ]
    for begin, end in _HIDING:
        shown = _without(shown, begin, end)
    return entities.unescape(_MARK.sub(" ", shown).replace("<!--", " "))


def _without(html: str, begin: re.Pattern[str], end: re.Pattern[str]) -> str:
    pieces, at = list[str](), 0
    while (start := begin.search(html, at)) and (stop := end.search(html, start.end())):
        pieces += [html[at : start.start()], " "]
        at = stop.end()
    return "".join([*pieces, html[at:]])


def text_of(clean_html: str) -> str:
    """Returns the text of sanitised HTML, laid out in lines."""
    if not clean_html.strip():
        return ""
    try:
        laid_out = str(inscriptis.get_text(clean_html))
    except (ValueError, TypeError, AttributeError, IndexError, RecursionError, AssertionError):
        laid_out = ""
    # Nested past the layout engine's depth, nothing is laid out: the bare text is better.
    return laid_out if laid_out.strip() else entities.unescape(nh3.clean(clean_html, tags=set()))
