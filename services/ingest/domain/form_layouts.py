"""The layouts in which websites write a form into a mail: text in, labels and values out.

    labels      Nom : Renée Dupont            table      a row of an HTML table, label and value
    keys        NOM=Renée Dupont              sections   *** Nom ***, the value on the lines below
    attached    {"nom": "Renée Dupont"}, or XML, in a file

A label counts once. A field ends where another label stands, whether it is one of ours or not;
only the free text goes on to the next label of ours that has not been seen, so that a person who
types « Nom : » in the message changes no field.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html.parser import HTMLParser

from services.ingest.domain.mail import Mail
from shared.content.phrases import fold
from shared.site.tables.routing import LONGEST_LABEL, FormLayout

_LONG_FIELDS = frozenset({"text"})
"""Fields that may run over blank lines and over labels that are none of ours."""
_LINES = 5_000
_ROWS = 2_000
_HTML = 300_000
"""Characters of cleaned HTML in which a table is looked for."""
WORDS_OF_A_LABEL = 6
"""A line with more words before its colon is a sentence, unless it is a label of the site."""
_LABEL = re.compile(rf"\s{{0,9}}([^:=]{{1,{LONGEST_LABEL}}}):(?!//)(.*)")
_KEY = re.compile(rf"\s{{0,9}}([^\s:=][^:=]{{0,{LONGEST_LABEL}}})=(.*)")
_FENCE = r"[*=#~_+\-]{1,12}"
_SECTION = re.compile(
    rf"\s{{0,9}}(?:{_FENCE}\s{{0,9}}([^\W_][^*=#~_+\[\]]{{0,{LONGEST_LABEL}}}){_FENCE}"
    rf"|\[([^\[\]]{{1,{LONGEST_LABEL}}})\])\s*"
)


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """A line that begins with a label, in one of the layouts, and what stands behind the label."""

    label: str
    value: str


_Read = Callable[[str], LabelledLine | None]


def values_of(layout: FormLayout, labels: Mapping[str, str], mail: Mail) -> Mapping[str, str]:
    """Returns the value of each field whose label stands in a mail, by the field's name.

    `labels`: field → the label that stands before its value. A value may be empty.
    """
    known = {fold(label).strip(): name for name, label in labels.items()}
    if layout is FormLayout.TABLE:
        return _of_rows(known, rows_of(mail.html))
    if layout is FormLayout.ATTACHED:
        return _of_data(labels, mail.data)
    # The person may have pasted a quoted exchange: a form has no quoting of its own.
    return _of_lines(known, mail.whole_text.split("\n")[:_LINES], READS[layout])


def whole_of(layout: FormLayout, mail: Mail) -> str:
    """Returns all that a mail of a form says, for a person who reads it where no machine can."""
    data = mail.data if layout is FormLayout.ATTACHED else ()
    lines = (f"{path} : {value}" for path, value in data)
    return "\n".join([mail.whole_text, *lines]).strip()


def _of_data(labels: Mapping[str, str], data: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """A label is the end of a path (`nom` or `demandeur.nom`); the first such value counts."""
    paths = [(_steps(path), value) for path, value in data]
    values: dict[str, str] = {}
    for name, label in labels.items():
        wanted = _steps(label)
        found = next((value for path, value in paths if path[-len(wanted) :] == wanted), None)
        if found is not None:
            values[name] = found.strip()
    return values


def _steps(path: str) -> list[str]:
    return [fold(step).strip() for step in path.split(".")]


def _of_rows(known: Mapping[str, str], rows: Sequence[Sequence[str]]) -> Mapping[str, str]:
    values: dict[str, str] = {}
    for row in rows:
        cells = [cell for cell in row if cell]
        name = known.get(fold(cells[0]).strip()) if cells else None
        if name is not None and name not in values:
            values[name] = cells[1] if len(cells) > 1 else ""
    return values


def _of_lines(known: Mapping[str, str], lines: Sequence[str], read: _Read) -> Mapping[str, str]:
    values: dict[str, list[str]] = {}
    current: str | None = None
    for line in lines:
        found = read(line)
        name = None if found is None else known.get(fold(found.label).strip())
        if found is not None and name is not None and name not in values:
            current = name
            values[name] = [found.value.strip()]
        elif current is None:
            continue
        elif current not in _LONG_FIELDS and _ends(line, found, values[current]):
            current = None
        else:
            values[current].append(line)
    return {name: "\n".join(lines).strip() for name, lines in values.items()}


def _ends(line: str, found: LabelledLine | None, value: Sequence[str]) -> bool:
    """Whether a short field ends before this line: at a stranger's label, or at a blank line."""
    if found is not None and len(found.label.split()) <= WORDS_OF_A_LABEL:
        return True
    return not line.strip() and any(value)


def _labelled(pattern: re.Pattern[str], line: str) -> LabelledLine | None:
    found = pattern.fullmatch(line)
    return None if found is None else LabelledLine(found[1], found[2])


def _fenced(line: str) -> LabelledLine | None:
    found = _SECTION.fullmatch(line)
    return None if found is None else LabelledLine(found[1] or found[2], "")


READS: Mapping[FormLayout, _Read] = {
    FormLayout.LABELS: partial(_labelled, _LABEL),
    FormLayout.KEYS: partial(_labelled, _KEY),
    FormLayout.SECTIONS: _fenced,
}
"""How a line is read in each layout of lines."""


def rows_of(html: str) -> Sequence[Sequence[str]]:
    """Returns the cells of each row of every table of cleaned HTML.

    An inner table's rows stand apart from its outer one's.
    """
    table = _Table()
    table.feed(html[:_HTML])
    table.close()
    return table.rows


class _Table(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._open: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Opens a row or a cell, or ends a line within one."""
        del attrs
        if tag == "tr" and len(self.rows) + len(self._open) < _ROWS:
            self._open.append([])
        elif tag in {"td", "th"} and self._open:
            self._open[-1].append("")
        elif tag in {"br", "p", "div", "li"}:
            self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        """Closes a row."""
        if tag == "tr" and self._open:
            self.rows.append([_tidy(cell) for cell in self._open.pop()])

    def handle_data(self, data: str) -> None:
        """Adds text to the cell that is open."""
        if self._open and self._open[-1]:
            self._open[-1][-1] += data


def _tidy(cell: str) -> str:
    return "\n".join(" ".join(line.split()) for line in cell.split("\n")).strip()
