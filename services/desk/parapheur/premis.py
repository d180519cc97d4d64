"""PREMIS 3, the XML by which i-Parapheur 5 takes a folder and tells its history.

What is told comes from outside: what is no text, has a document type or does not parse is refused.
An event with a day has happened; one without is what the folder waits for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from services.desk.parapheur.history import MOST_NAME, MOST_SIGNERS, without_controls
from services.desk.parapheur.signature_book import BookAway

PREMIS: Final = "http://www.loc.gov/premis/v3"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
RESERVED: Final = "i_Parapheur_reserved_"
"""Before the names of its own properties: `type`, `subtype`, `mainDocument`."""
START: Final = "START"
REJECT: Final = "REJECT"
ENDS_SIGNED: Final = "ARCHIVE"
"""What remains to be done with a folder whose circuit was gone through."""
ENDS_REFUSED: Final = "DELETE"
"""What remains to be done with a folder that somebody refused."""
_SIGNS: Final = frozenset({"SIGNATURE", "EXTERNAL_SIGNATURE", "PAPER_SIGNATURE"})
_TASK: Final = "taskId"


@dataclass(frozen=True, slots=True)
class PremisEvent:
    """An event of a folder's history: a task that was done, or is waited for."""

    task: str
    """Its id there."""
    kind: str
    """START, READ, VISA, SIGNATURE, REJECT, ARCHIVE, DELETE…"""
    done: bool
    by: str
    """First name and name of whoever did it; empty: it does not say."""
    note: str
    """What they wrote, as for a refusal."""


@dataclass(frozen=True, slots=True)
class PremisFolder:
    """A folder of i-Parapheur as its PREMIS tells it: name, main documents, events in order."""

    name: str
    mains: Sequence[str]
    """File names of the main documents."""
    events: Sequence[PremisEvent]

    @property
    def start(self) -> PremisEvent | None:
        """The task that begins the circuit, done or not."""
        return next((event for event in self.events if event.kind == START), None)

    @property
    def started(self) -> bool:
        """Whether its circuit has begun."""
        return self.start is not None and self.start.done

    @property
    def to_sign(self) -> bool:
        """Whether a signature is still waited for, whatever is listed behind it."""
        return any(event.kind in _SIGNS and not event.done for event in self.events)

    @property
    def last(self) -> str:
        """Kind of the last event, which says where the folder is; empty: it has none."""
        return self.events[-1].kind if self.events else ""

    @property
    def signers(self) -> tuple[str, ...]:
        """Names of the signers, each once, in order of their signatures."""
        names = [event.by for event in self.events if event.kind in _SIGNS and event.done]
        return tuple(dict.fromkeys(name for name in names if name))[:MOST_SIGNERS]

    @property
    def refusal(self) -> str:
        """Words of the last refusal; empty: nobody refused, or wrote nothing."""
        notes = [event.note for event in self.events if event.kind == REJECT and event.done]
        return notes[-1] if notes else ""


def write_folder(
    name: str, type_: str, subtype: str, document: str, annexes: Sequence[str] = ()
) -> bytes:
    """Writes the PREMIS by which a folder with one main document is created, as XML in UTF-8.

    `type_`, `subtype`: names of the type and subtype of its circuit. `document`: the file's name;
    `annexes`: the names of the files that go with it.
    """
    ET.register_namespace("", PREMIS)
    ET.register_namespace("xsi", XSI)
    root = ET.Element(f"{{{PREMIS}}}premis", {"version": "3.0"})
    _object(root, "intellectualEntity", name, {"type": type_, "subtype": subtype})
    _object(root, "file", document, {"mainDocument": "true"})
    for annex in annexes:
        _object(root, "file", annex, {"mainDocument": "false"})
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def read_folder(told: bytes) -> PremisFolder:
    """Reads what i-Parapheur tells of a folder. Raises BookAway: that is none of its answers."""
    try:
        text = told.decode("utf-8-sig")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise BookAway("protocol")
        # As text: an encoding that it declares itself is not believed.
        root = ET.fromstring(text)  # noqa: S314  (without a document type, as just seen)
    except (ET.ParseError, ValueError, LookupError):
        raise BookAway("protocol") from None
    if root.tag != f"{{{PREMIS}}}premis":
        raise BookAway("protocol")
    names = {_text(agent, "agentIdentifier", "agentIdentifierValue"): _text(agent, "agentName")
             for agent in root.findall(_at("agent"))}  # fmt: skip
    objects = root.findall(_at("object"))
    entities = [row for row in objects if _kind(row) == "intellectualEntity"]
    return PremisFolder(
        name=_text(entities[0], "originalName") if entities else "",
        mains=[_text(row, "originalName") for row in objects if _is_main(row)],
        events=[
            _event(row, names)
            for row in root.findall(_at("event"))
            if _text(row, "eventIdentifier", "eventIdentifierType") == _TASK
        ],
    )


def _event(row: ET.Element, names: dict[str, str]) -> PremisEvent:
    agent = _text(row, "linkingAgentIdentifier", "linkingAgentIdentifierValue")
    detail = ("eventOutcomeInformation", "eventOutcomeDetail", "eventOutcomeDetailNote")
    note = row.findtext(_at(*detail)) or ""
    return PremisEvent(
        task=_text(row, "eventIdentifier", "eventIdentifierValue"),
        kind=_text(row, "eventType").upper(),
        done=bool(_text(row, "eventDateTime")),
        by=names.get(agent, "")[:MOST_NAME] if agent else "",
        note=without_controls(note).strip(),
    )


def _object(root: ET.Element, kind: str, name: str, properties: dict[str, str]) -> None:
    row = ET.SubElement(root, f"{{{PREMIS}}}object", {f"{{{XSI}}}type": kind})
    for key, value in properties.items():
        told = ET.SubElement(row, f"{{{PREMIS}}}significantProperties")
        ET.SubElement(told, f"{{{PREMIS}}}significantPropertiesType").text = RESERVED + key
        ET.SubElement(told, f"{{{PREMIS}}}significantPropertiesValue").text = value
    ET.SubElement(row, f"{{{PREMIS}}}originalName").text = name


def _is_main(row: ET.Element) -> bool:
    return _kind(row) == "file" and any(
        _text(told, "significantPropertiesType") == f"{RESERVED}mainDocument"
        and _text(told, "significantPropertiesValue").lower() == "true"
        for told in row.findall(_at("significantProperties"))
    )


def _kind(row: ET.Element) -> str:
    return row.get(f"{{{XSI}}}type", "")


def _at(*path: str) -> str:
    return "/".join(f"{{{PREMIS}}}{name}" for name in path)


def _text(row: ET.Element, *path: str) -> str:
    return " ".join(without_controls(row.findtext(_at(*path)) or "").split())
