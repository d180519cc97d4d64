"""All that the register has of an item as files: what came, what left, what was noted, its story.

Derived texts (OCR, the text of a mail) are left out where the octets that they come from are there.
What somebody withdrew is left out; the story says so.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from services.desk.domain.disposition import Disposition
from services.desk.domain.item import Item
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.french.timeline import timeline
from services.desk.store import erasures, other_items, readable_items
from services.desk.store.sheets import ItemSheet, sheet
from shared.content.blobs import KEY, Blobs
from shared.content.file_kinds import MEDIA_TYPES, ending
from shared.content.plis import Correspondent, Pli
from shared.facts.envelope import BlobKey, Digest, ItemId
from shared.facts.items import Items
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection

CAME: Final = {
    Disposition.ITEM: "Courrier reçu",
    Disposition.MESSAGE: "Message suivant",
    Disposition.COPY: "Autre exemplaire reçu",
    Disposition.DEPARTURE: "Envoi, numérisé à son départ",
}
"""What an arrival of an item is called."""
LABELS: Final = {
    ("ItemRegistered", "original"): "Original du courrier",
    ("ItemRegistered", "pli"): "Texte et expéditeur du courrier",
    ("SenderWroteAgain", "original"): "Original d’un nouveau message",
    ("SenderWroteAgain", "pli"): "Texte d’un nouveau message",
    ("AttachmentsRead", "pli"): "Texte d’un message avec ses pièces jointes",
    ("SubjectNoted", "pli"): "Objet noté",
    ("SenderNoted", "pli"): "Expéditeur noté",
    ("NoteWritten", "pli"): "Texte d’une note interne",
    ("OpinionAsked", "pli"): "Question posée à un autre service",
    ("NoticeOrdered", "pli"): "Texte commandé d’un envoi",
    ("ReceiptSent", "document"): "Accusé d’enregistrement, tel qu’il est parti",
    ("AcknowledgementSent", "document"): "Accusé de réception, tel qu’il est parti",
    ("PiecesRequested", "document"): "Demande de pièces, telle qu’elle est partie",
    ("HoldingReplySent", "document"): "Réponse d’attente, telle qu’elle est partie",
    ("PersonTold", "document"): "Avis de transmission, tel qu’il est parti",
    ("ReplySent", "document"): "Réponse, telle qu’elle est partie",
    ("ReplyObserved", "original"): "Message vu dans les envois",
}
"""French label of a document, by the fact that names it and the field in which it stands."""
ENCLOSURE: Final = "Pièce jointe à un envoi, ou l’envoi composé"
COPY: Final = "Copie d’un envoi, et à qui elle va"
STORY: Final = "Historique du dossier"
JSON: Final = ".json"


@dataclass(frozen=True, slots=True)
class FiledDocument:
    """A document of an item to be filed: a blob, or a text composed for it (the story)."""

    title: str
    day: date | None
    key: BlobKey | None = None
    text: str = ""
    """Where there is no blob."""
    pli: BlobKey | None = None
    """Of what came: its text and sender."""
    apart: bool = False
    """It may concern somebody else: a note of colleagues, their question to another service, a
    message of another correspondent or a letter to one, or all of another's item that was merged
    into this one."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """An item with those merged into it, and its documents in the order of their days."""

    sheet: ItemSheet
    documents: Sequence[FiledDocument]
    names: Names


async def gather(
    connection: Connection,
    item_id: ItemId,
    names: Names,
    *,
    whose: bool = True,
    sees: Callable[[Item], bool] | None = None,
) -> Dossier:
    """Collects the documents of an item and of those merged into it; reads no blob.

    `whose`: its story says who stated each event. `sees`: judges whether the reader may read an
    item that was merged into this one; the others, and those that can't be read, are left out, and
    no story names them. `None`: all are collected.

    Raises UnreadableRow when a fact of what is collected can't be read.
    """
    merged = await erasures.absorbed_by(connection, item_id)
    if sees is not None:
        kept = await readable_items.peek(connection, merged)
        merged = [absorbed for absorbed in merged if absorbed in kept and sees(kept[absorbed].item)]
    sheets = [await sheet(connection, affected) for affected in (item_id, *merged)]
    documents, whom = list[FiledDocument](), {None, sheets[0].item.correspondent}
    for found in sheets:
        known = names
        if sees is not None:
            hidden = await other_items.hidden_numbers(connection, found.facts, sees)
            known = replace(names, hidden=hidden)
        past = story(found, known, whose=whose)
        others = found.item.correspondent not in whom
        documents += [
            replace(document, apart=document.apart or others)
            for document in await _documents(connection, found, names, past, whom)
        ]
    return Dossier(sheets[0], documents, names)


def story(found: ItemSheet, names: Names, *, whose: bool = True) -> str:
    """Formats the story of an item as a text in French, one line an event.

    `whose`: each with who stated it.
    """
    zone = names.site.zone
    lines = [
        f"{labels_fr.moment(line.at, zone)} : {line.what}"
        + (f" ({line.who})" if whose and line.who else "")
        + (" [annulé depuis]" if line.taken_back else "")
        for line in timeline(found, names)
        if not line.minor
    ]
    head = f"{found.item.chrono}, {names.category(found.item.classification.category)}"
    return "\n".join([head, "", *lines, ""])


async def read(blobs: Blobs, document: FiledDocument) -> tuple[bytes, str]:
    """Reads a document's octets; returns them with its file ending. A composed text is plain.

    Raises PermanentFailure for one that is damaged or not there, TemporaryFailure when the store
    can't be read now.
    """
    if document.key is None:
        return document.text.encode(), ".txt"
    octets = await blobs.get(document.key)
    if octets.startswith(b"{"):
        try:
            return plain(Pli.model_validate_json(octets)).encode(), ".txt"
        except ValueError:
            return octets, JSON
    return octets, ending(octets)


def document_label(fact: Items, key: str) -> str:
    """Returns the French label of a document (its blob's key) that a fact of an item names."""
    if isinstance(fact, NoticeOrdered) and key in fact.copies:
        return COPY
    name = next((name for name, value in fact.model_dump().items() if value == key), "")
    return LABELS.get((fact.type, name), f"Document nommé par {fact.type}")


def media_type(file_ending: str) -> str:
    """Returns the media type (MIME) of a file by its ending."""
    return "application/json" if file_ending == JSON else MEDIA_TYPES[file_ending]


def plain(pli: Pli) -> str:
    """Formats a composed or keyed text (pli) as plain text: who, to whom, about what, the text."""
    head = [
        f"De : {_who(pli.sender)}",
        f"À : {_who(pli.answer_to) if pli.kind in {'composed', 'bundle'} else ', '.join(pli.to)}",
        f"Objet : {pli.subject}",
    ]
    head += [f"Lettre à : {address}" for address in pli.to if pli.kind == "bundle"]
    if pli.copies:
        head.append(f"Copie à : {', '.join(pli.copies)}")
    head += [f"Pièce jointe : {enclosure.name}" for enclosure in pli.enclosures]
    return "\n".join([line for line in head if not line.endswith(": ")] + ["", pli.text, ""])


def _who(person: Correspondent) -> str:
    address = f"<{person.address}>" if person.address else ""
    return " ".join(part for part in (person.name, address, person.postal) if part)


async def _documents(
    connection: Connection,
    found: ItemSheet,
    names: Names,
    past: str,
    whom: Collection[Digest | None],
) -> Sequence[FiledDocument]:
    zone = names.site.zone
    came = [
        FiledDocument(
            CAME.get(arrival.word, "Courrier reçu"),
            arrival.received_at.astimezone(zone).date(),
            arrival.original,
            pli=arrival.pli,
            apart=arrival.correspondent not in whom,
        )
        for arrival in found.arrivals
        if arrival.erased_at is None
    ]
    made = dict[BlobKey, FiledDocument]()
    for fact in found.facts:
        day = fact.happened_at.astimezone(zone).date()
        for key in map(BlobKey, KEY.findall(fact.model_dump_json())):
            apart = fact.type in {"NoteWritten", "OpinionAsked"} or _to_third(fact)
            title = document_label(fact, key)
            made.setdefault(key, FiledDocument(title, day, key, apart=apart))
    # Files that left with a letter: no fact names them, only its text and this row.
    for use in await connection.fetch(
        "SELECT kind, used_at, unnest(files) AS file FROM desk.letter_uses WHERE item_id = $1",
        found.item.item_id,
    ):
        day, key = use["used_at"].astimezone(zone).date(), BlobKey(use["file"])
        third = use["kind"] == NoticeKind.THIRD
        made.setdefault(key, FiledDocument(ENCLOSURE, day, key, apart=third))
    kept = await _composed(connection, list(made))
    told = FiledDocument(STORY, None, text=past)
    return [told, *came, *(document for key, document in made.items() if key in kept)]


def _to_third(fact: Items) -> bool:
    return isinstance(fact, NoticeOrdered) and fact.kind is NoticeKind.THIRD


async def _composed(connection: Connection, keys: Sequence[BlobKey]) -> frozenset[BlobKey]:
    """Those that no arrival owns and nobody had erased."""
    folders = {key: erasures.folder(key) for key in keys}
    rows = await connection.fetch(
        """
        SELECT arrival_id AS owner FROM desk.arrivals WHERE arrival_id = ANY($1::uuid[])
        UNION ALL SELECT owner FROM desk.erasures WHERE owner = ANY($1::uuid[])
        """,
        [folder.owner for folder in folders.values()],
    )
    gone = {row["owner"] for row in rows}
    return frozenset(key for key, folder in folders.items() if folder.owner not in gone)
