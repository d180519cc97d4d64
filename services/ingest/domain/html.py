"""HTML of a stranger: an allow-list of tags for the page, and its text for rules and search."""

import html as entities
import re

import inscriptis
import nh3

_READ = 1_000_000

_DEEPEST = 250
_NEAR = 50
"""Tags among which the one is looked for that an end tag closes."""
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})[^<>]{0,4000}>?")
_MARK = re.compile(r"<[^<>]{0,20000}>")
_CLOSED_BY_THEMSELVES = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"),
        *("wbr", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "caption"),
        *("colgroup", "option", "optgroup", "html", "head", "body"),
    }
)
"""Never nested in one another without something between that is."""

_TAGS = {
    *("a", "b", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "hr", "i", "li", "ol"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "pre", "s", "small", "span", "strong", "sub", "sup"),
    *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
}
_ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}


def cleaned(html: str) -> str:
    """Only text, structure and links: no script, style or form, no image (remote ones track)."""
    return nh3.clean(
        shallow(html[:_READ]),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def shallow(html: str) -> str:
    """The same with what is nested deeper than any program writes left without its marks.

    Parsers take a time that grows with the square of the depth: 200 kB of `<div>` took 17 seconds.
    """
    if html.count("<") < _DEEPEST:
        return html
    kept: list[str] = []
    open_tags: list[str] = []
    position = 0
    for found in _TAG.finditer(html):
        closes, tag = found[1], found[2].lower()
        if tag in _CLOSED_BY_THEMSELVES:
            continue
        if closes:
            if tag in open_tags[-_NEAR:]:
                while open_tags.pop() != tag:
                    pass
        elif len(open_tags) < _DEEPEST:
            open_tags.append(tag)
        else:
            kept.append(html[position : found.start()])
            position = found.end()
    return "".join([*kept, html[position:]])


def words_of(html: str) -> str:
    """What stands between the marks, nothing parsed."""
    return entities.unescape(_MARK.sub(" ", html[:_READ]))


def text_of(clean_html: str) -> str:
    """The text of HTML that `cleaned` returned, laid out in lines."""
    if not clean_html.strip():
        return ""
    try:
        laid_out = str(inscriptis.get_text(clean_html))
    except (ValueError, TypeError, AttributeError, IndexError, RecursionError, AssertionError):
        laid_out = ""
    # Nested past the layout engine's depth, nothing is laid out: the bare text is better.
    return laid_out if laid_out.strip() else entities.unescape(nh3.clean(clean_html, tags=set()))
