"""HTML of a stranger, cut to a depth that its parsers can bear."""

import re
from typing import Final

MOST: Final = 100_000
"""Characters that are parsed outside a child: 0.1 s, even of a shape that costs its square."""
_DEEPEST = 250
_NEAR = 50
"""Tags among which the one is looked for that an end tag closes."""
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})[^<>]{0,4000}>?")
_CLOSED_BY_THEMSELVES = frozenset(
    {
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"),
        *("wbr", "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "caption"),
        *("colgroup", "option", "optgroup", "html", "head", "body"),
    }
)
"""Never nested in one another without something between that is."""


def brief(html: str) -> str:
    """Returns the beginning of foreign HTML, `MOST` letters of it, its nesting depth limited."""
    return shallow(html[:MOST])


def shallow(html: str) -> str:
    """Limits the nesting depth of foreign HTML: tags nested too deeply are dropped, not their text.

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
