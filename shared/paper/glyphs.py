"""Characters that the fonts of our papers lack: found before a paper is set, and shown as « □ ».

PDF/A refuses a text without glyphs as a whole, and people are called as they are called: a name in
Chinese keeps nobody's letter from leaving. Which glyphs there are is known to typst alone, whose
fonts lie within it: it draws each doubtful cluster beside one that is in no font.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Any, Final

INSTEAD: Final = "□"
"""What stands where a character has no glyph: a place to write it by hand."""
PLAIN: Final = re.compile(
    r"[\t\n\r\x20-\x7e\xa0-\u02ff\u1e00-\u1eff\u2010-\u2027\u202f-\u203a€№−]*"
)
"""Texts that our fonts have whole, as nearly all are: nothing is drawn for them."""
_NOWHERE: Final = "\ufdd0"
"""A code that Unicode gives to no character."""
_STRAY: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What is no character to be read."""
_JOINER: Final = "\N{ZERO WIDTH JOINER}"
_GLYPH: Final = re.compile(rb'"#(g[0-9A-F]+)"')
_PAGES: Final = b"""
#set page(width: auto, height: auto, margin: 0pt)
#set text(font: "Libertinus Serif", lang: "fr")
#for one in json(bytes(sys.inputs.clusters)) { page(text(one)) }
"""


def lacks(text: str, most: int | None = None) -> tuple[str, ...]:
    """Returns the runs of characters of a text that our papers can't show, each once, in order.

    `most`: how many different doubtful ones are looked at, where what strangers wrote must not take
    long; the others are taken for shown.
    """
    if PLAIN.fullmatch(text):
        return ()
    parts = list(_clusters(_STRAY.sub(" ", text)))
    doubtful = dict.fromkeys(part for part in parts if not PLAIN.fullmatch(part))
    without = _without_glyph(list(islice(doubtful, most)))
    runs = groupby(parts, key=without.__contains__)
    return tuple(dict.fromkeys("".join(run) for lacking, run in runs if lacking))


def substitute(data: Any, *, strictly: bool = False) -> Any:
    """Returns data of JSON with « □ » wherever a text has a character without glyph.

    `strictly`: for all that is not plain, since a character may lose its glyph among others.
    """
    doubtful: set[str] = set()
    for text in _texts(data):
        if not PLAIN.fullmatch(text):
            doubtful.update(_clusters(_STRAY.sub(" ", text)))
    if not doubtful:
        return data
    plain = {cluster for cluster in doubtful if PLAIN.fullmatch(cluster)}
    return _replaced(data, doubtful - plain if strictly else _without_glyph(doubtful))


def _texts(data: Any) -> Iterator[str]:
    match data:
        case str():
            yield data
        case Mapping():
            for value in data.values():
                yield from _texts(value)
        case list() | tuple():
            for value in data:
                yield from _texts(value)


def _replaced(data: Any, without: Collection[str]) -> Any:
    match data:
        case str():
            if PLAIN.fullmatch(data):
                return data
            parts = _clusters(_STRAY.sub(" ", data))
            return "".join(INSTEAD if part in without else part for part in parts)
        case Mapping():
            return {name: _replaced(value, without) for name, value in data.items()}
        case list() | tuple():
            return [_replaced(value, without) for value in data]
        case _:
            return data


def _clusters(text: str) -> Iterator[str]:
    """Characters with the marks on them, which a font has together or not at all."""
    cluster = ""
    for character in text:
        on_it = unicodedata.category(character) in {"Mn", "Mc", "Me"} or character == _JOINER
        if cluster and (not on_it or cluster.isspace()) and not cluster.endswith(_JOINER):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _without_glyph(clusters: Collection[str]) -> Collection[str]:
    """Those of which typst draws a part as the box that stands for any glyph that is lacking."""
    doubtful = [cluster for cluster in clusters if not PLAIN.fullmatch(cluster)]
    if not doubtful:
        return ()
    import typst  # noqa: PLC0415  (as in typst_pdf)

    data = json.dumps([_NOWHERE, *doubtful], ensure_ascii=False)
    pages: Sequence[bytes] = typst.compile(  # type: ignore[assignment]  # a page each, as SVG
        _PAGES, format="svg", sys_inputs={"clusters": data}, ignore_system_fonts=True
    )
    box, *drawn = pages
    found = _GLYPH.findall(box)[0]
    return {one for one, page in zip(doubtful, drawn, strict=True) if found in page}
