"""HTML of a stranger: an allow-list of tags for the page, and its text for rules and search.

Programs mark in HTML what is quoted, and may write no line that says so: in the text these lines
have the sign of a quotation, by which it is known (`quotations.py`).
"""

import html as entities
import re
from collections.abc import Iterator

import nh3

from services.ingest.domain.quotations import HTML_SIGN, has_header
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
_INLINE = re.compile(
    r"</?(?:a|b|code|em|i|s|small|span|strong|sub|sup|u)(?:\s[^<>]{0,20000})?>", re.IGNORECASE
)
"""Marks that may stand within a word."""
_TAGS = {
    *("a", "b", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "hr", "i", "li", "ol"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "s", "small", "span", "strong", "sub", "sup"),
    *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
}
_ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_QUOTING = {"type", "class"}
"""Attributes of a `<blockquote>` by which mail programs say that it is what was written before."""
_CITED = re.compile(r'<blockquote(?: (?:type|class)="cite")+>')
_BLOCKQUOTE = re.compile(r"<(/?)blockquote([^<>]*)>")
_BEGINS, _ENDS = "\ue0a0", "\ue0a1"
"""In a text that is laid out: letters that nobody writes."""


def sanitise(html: str) -> str:
    """Sanitises HTML: keeps text, structure and links; drops scripts, styles, forms, images.

    Only the first million characters are kept; the title of the page, which no mail program shows,
    is none of them. A quotation of a mail program stays marked, for `text_of`.
    """
    return nh3.clean(
        shallow(_TITLE.sub("", html[:_READ])),
        tags=_TAGS,
        attributes={**_ATTRIBUTES, "blockquote": _QUOTING},
        attribute_filter=_kept,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def without_marks(clean_html: str) -> str:
    """Returns sanitised HTML without the marks of quotations, which a page does not need."""
    return _CITED.sub("<blockquote>", clean_html)


def _kept(element: str, attribute: str, value: str) -> str | None:
    if element != "blockquote":
        return value
    cites = "cite" if attribute == "type" else "gmail_quote"
    return "cite" if cites in value.lower().split() else None


def words_of(html: str) -> str:
    """Returns the words of HTML by removing its tags, without parsing it.

    Only the first million characters are read. What nothing closes (a comment, a style) hides
    nothing: behind it stands what somebody wrote.
    """
    shown = html[:_READ]
    for begin, end in _HIDING:
        shown = _without(shown, begin, end)
    return entities.unescape(_MARK.sub(" ", shown).replace("<!--", " "))


def words_shown(clean_html: str) -> str:
    """Returns the words that `text_of` shows of sanitised HTML, not laid out; `""`: it quotes."""
    if "<blockquote" in clean_html:  # its lines have the sign of a quotation
        return ""
    return words_of(_INLINE.sub("", clean_html).replace("<li", " * <li"))


def _without(html: str, begin: re.Pattern[str], end: re.Pattern[str]) -> str:
    pieces, at = list[str](), 0
    while (start := begin.search(html, at)) and (stop := end.search(html, start.end())):
        pieces += [html[at : start.start()], " "]
        at = stop.end()
    return "".join([*pieces, html[at:]])


def text_of(clean_html: str) -> str:
    """Returns the text of sanitised HTML, laid out in lines, those of quotations with their sign.

    None has it where a header says whose words follow (a forwarded message), nor where all of it
    would be a quotation.
    """
    if _CITED.search(clean_html) is None:
        return _laid_out(clean_html)
    lines = tuple(_lines(_laid_out(_between_letters(clean_html))))
    bare = "\n".join(line for line, _ in lines)
    if has_header(bare) or all(quoted for line, quoted in lines if line.strip()):
        return bare
    signed = (
        HTML_SIGN + line.strip() if quoted and line.strip() else line for line, quoted in lines
    )
    return "\n".join(signed)


def _between_letters(clean_html: str) -> str:
    """Quotations begin and end with a letter that the layout leaves where it stands."""
    cited = list[bool]()

    def lettered(found: re.Match[str]) -> str:
        if not found[1]:
            cited.append(bool(found[2]))
            return found[0] + _BEGINS * cited[-1]
        return _ENDS * (cited.pop() if cited else False) + found[0]

    plain = clean_html.replace(_BEGINS, "").replace(_ENDS, "")
    return _BLOCKQUOTE.sub(lettered, plain)


def _lines(laid_out: str) -> Iterator[tuple[str, bool]]:
    """Lines, and whether each is quoted."""
    depth = 0
    for line in laid_out.split("\n"):
        quoted = depth > 0 or _BEGINS in line
        depth += line.count(_BEGINS) - line.count(_ENDS)
        yield line.replace(_BEGINS, "").replace(_ENDS, ""), quoted


def _laid_out(clean_html: str) -> str:
    if not clean_html.strip():
        return ""
    import inscriptis  # noqa: PLC0415  (4 MB with lxml: for the children that read)

    try:
        laid_out = str(inscriptis.get_text(clean_html))
    except (ValueError, TypeError, AttributeError, IndexError, RecursionError, AssertionError):
        laid_out = ""
    # Nested past the layout engine's depth, nothing is laid out: the bare text is better.
    return laid_out if laid_out.strip() else entities.unescape(nh3.clean(clean_html, tags=set()))
