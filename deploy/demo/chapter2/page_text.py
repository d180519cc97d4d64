"""What a reader sees of a page or a document: its words and the rows of its tables, without HTML.

Words keep their order and single plain spaces; a row's cells stand between bars, as expected.yaml
writes them. Only the main part of a page counts, for menu and foot say the same everywhere.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from typing import Final

TAG: Final = re.compile(r"<[^>]+>")
PARTS: Final = re.compile(r"<(?=/?(?:p|li|td|th|tr|h\d|div|dt|dd|br|option)\b)")
"""Before a tag that parts words; an emphasis within a sentence does not."""
ROW: Final = re.compile(r"<tr.*?</tr>|<dt.*?</dd>", re.DOTALL)
CELL: Final = re.compile(r"<(?:t[hd]|dt|dd)\b[^>]*>(.*?)</(?:t[hd]|dt|dd)>", re.DOTALL)


def plain(html: str) -> str:
    """Returns the words of a web page's main part, with single plain spaces."""
    body = html[html.find("<main") : html.find("</main")]
    return _flat(TAG.sub("", PARTS.sub(" <", body)))


def rows_of(html: str) -> Iterator[str]:
    """Yields each row of a web page's tables, and each term with its definition.

    Cells stand between bars.
    """
    for row in ROW.findall(html):
        yield " | ".join(_flat(TAG.sub(" ", cell)) for cell in CELL.findall(row))


def odt_text(octets: bytes) -> str:
    """Returns the words of an OpenDocument text, with single plain spaces."""
    with zipfile.ZipFile(io.BytesIO(octets)) as packed:
        return _flat(TAG.sub(" ", packed.read("content.xml").decode()))


def _flat(text: str) -> str:
    return " ".join(unescape(text).split())
