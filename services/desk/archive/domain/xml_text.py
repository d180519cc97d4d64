"""XML that comes from outside or from a file: read as UTF-8, never with a document type."""

from xml.etree import ElementTree as ET

from shared.errors import Refused


def parse(octets: bytes) -> ET.Element:
    """Returns the root of an XML document in UTF-8.

    Raises Refused (`archive-not-xml`) for what does not parse, or has a document type or entities.
    """
    try:
        text = octets.decode("utf-8-sig")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise Refused("This XML has a document type: it is not read.", "archive-not-xml")
        # As text: an encoding that it declares itself is not believed.
        return ET.fromstring(text)  # noqa: S314  (without a document type, as just seen)
    except (ET.ParseError, ValueError, LookupError, RecursionError) as error:
        raise Refused("This file is no XML in UTF-8.", "archive-not-xml") from error


def local(element: ET.Element) -> str:
    """Returns the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def namespace(element: ET.Element) -> str:
    """Returns the namespace of an element; empty: none."""
    return element.tag.rpartition("}")[0].removeprefix("{")
