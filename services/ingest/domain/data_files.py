"""JSON and XML files attached to a mail, as labels and values: forms as their programs write them.

A label is the path to a value (`demandeur.nom`). Where a program writes the label beside the value
({"label": "Nom", "value": "Dupont"}, <field name="nom">Dupont</field>) it is a step of the path.

It runs in the child that reads mails. A stranger wrote these files: what is larger, deeper or of
more pieces than any form is not read, no document type (and so no entity) is accepted in XML, and
nothing here raises.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from xml.parsers import expat

from services.ingest.domain import decoding
from services.ingest.domain.body import is_body
from shared.content.mime import Leaf

_LARGEST = 256 * 1024
_FILES = 3
_VALUES = 500
_DEEPEST = 20
_ELEMENTS = 5_000
_LONGEST_PATH = 500
_LABELS = ("label", "name", "nom", "libelle", "intitule", "key", "field", "title", "question")
_VALUE = ("value", "valeur", "answer", "reponse")
Pair = tuple[str, str]


class TooMuchDataError(ValueError):
    """Raised for an attached file that is larger or deeper than a form, or declares entities."""


def attached_data(parts: Sequence[Leaf]) -> tuple[Pair, ...]:
    """Returns the labels and values of the JSON and XML files among the parts of an email."""
    files = [leaf for leaf in parts if not is_body(leaf) and _kind(leaf)][:_FILES]
    return tuple(islice((pair for leaf in files for pair in _pairs(leaf)), _VALUES))


def _kind(leaf: Leaf) -> str:
    """`json`, `xml` or "", by what it is declared or called."""
    subtype = leaf.media_type.partition("/")[2].rpartition("+")[2]
    ending = leaf.name.lower().rpartition(".")[2] if "." in leaf.name else ""
    return next((kind for kind in ("json", "xml") if kind in (subtype, ending)), "")


def _pairs(leaf: Leaf) -> Sequence[Pair]:
    if len(leaf.content) > _LARGEST:
        return ()
    try:
        if _kind(leaf) == "json":
            found = list(islice(_of_json(leaf), _VALUES))
        else:
            found = _of_xml(leaf.content)
    except (ValueError, LookupError, RecursionError, OSError, ImportError, expat.ExpatError):
        return ()
    return [(decoding.clean(path)[:_LONGEST_PATH], decoding.clean(value)) for path, value in found]


def _of_json(leaf: Leaf) -> Iterator[Pair]:
    text = decoding.text(leaf.content, leaf.charset).lstrip("\ufeff")
    # Numbers stay as they were written: a postcode, or a million digits that cost their square.
    whole = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    yield from _flat(whole, (), 0)


def _flat(value: Any, path: tuple[str, ...], depth: int) -> Iterator[Pair]:
    if depth > _DEEPEST:
        raise TooMuchDataError("deeper than a form")
    match value:
        case dict():
            yield from _of_object(value, path, depth + 1)
        case list():
            if all(not isinstance(element, dict | list) for element in value):
                yield ".".join(path), ", ".join(_said(element) for element in value)
            else:
                for element in value:
                    yield from _flat(element, path, depth + 1)
        case _:
            yield ".".join(path), _said(value)


def _of_object(found: Mapping[str, Any], path: tuple[str, ...], depth: int) -> Iterator[Pair]:
    named = _first(found, _LABELS)
    said = _first(found, _VALUE)
    if isinstance(named, str) and said is not None:
        yield from _flat(said, (*path, named), depth)
        return
    for key, value in found.items():
        yield from _flat(value, (*path, key), depth)


def _first(found: Mapping[str, Any], among: Sequence[str]) -> Any:
    lower = {key.lower(): value for key, value in found.items()}
    return next((lower[key] for key in among if key in lower), None)


def _said(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case _:
            return str(value)


def _of_xml(octets: bytes) -> list[Pair]:
    reader = _XmlReader()
    reader.feed(octets)
    return reader.found


class _XmlReader:
    """The text of each element by the path to it, in an XML file that declares nothing."""

    def __init__(self) -> None:
        self.found: list[Pair] = []
        self._path: list[str] = []
        self._texts: list[list[str]] = []
        self._elements = 0
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._declared
        self._parser.StartElementHandler = self._opened
        self._parser.CharacterDataHandler = self._read
        self._parser.EndElementHandler = self._closed

    def feed(self, octets: bytes) -> None:
        """Reads a whole file."""
        self._parser.Parse(octets, True)  # noqa: FBT003  (expat takes no names)

    def _declared(self, *declared: object) -> None:
        raise TooMuchDataError(f"a document type: {declared[0]}")

    def _opened(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        if self._elements > _ELEMENTS or len(self._path) >= _DEEPEST:
            raise TooMuchDataError("more or deeper than a form")
        named = _first(attributes, _LABELS)
        self._path.append(named or tag.rpartition(":")[2])
        self._texts.append([])
        said = _first(attributes, _VALUE)
        if said is not None:
            self._texts[-1].append(said)

    def _read(self, text: str) -> None:
        if self._texts:
            self._texts[-1].append(text)

    def _closed(self, _: str) -> None:
        text = "".join(self._texts.pop()).strip()
        # The root's own name says nothing of a field.
        if text and len(self.found) < _VALUES:
            self.found.append((".".join(self._path[1:]) or self._path[0], text))
        self._path.pop()
