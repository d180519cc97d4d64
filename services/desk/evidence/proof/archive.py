"""The proof of one item as a ZIP that an auditor reads and checks without us."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files

import asyncpg
import orjson

from services.desk.domain.roots import Head, Root
from services.desk.evidence.proof import computation, documents, fiche
from services.desk.evidence.proof.documents import Named, ProofDocument
from services.desk.evidence.store import roots
from services.desk.french.names import Names
from services.desk.french.versions import counted_by
from services.desk.store.sheets import sheet
from shared.content.blobs import Blobs
from shared.facts.envelope import Chrono, ItemId
from shared.platform.database import Connection
from shared.site import store
from shared.site.staff import people_store

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Of each entry: the same proof is the same file."""


@dataclass(frozen=True, slots=True)
class ItemProof:
    """The contents of the ZIP that proves an item's history to an auditor, before it is packed."""

    chrono: Chrono
    item_id: ItemId
    facts: Sequence[asyncpg.Record]
    documents: Sequence[ProofDocument]
    named: Sequence[Named]
    """Blobs that the facts name, before they are read."""
    tell: Callable[[Sequence[ProofDocument]], str]
    """`FICHE.html`, with the documents as they were read."""
    counted: bytes
    """`calcul.json`."""
    nights: Sequence[tuple[int, Head]]
    roots: Sequence[Root]
    list_of_last: Sequence[Head]
    """The whole list of the last night that sealed this chain."""
    made_at: datetime


async def gather(
    connection: Connection, chrono: Chrono, item_id: ItemId, now: datetime
) -> ItemProof:
    """Collects the proof of one item from the register; `with_documents` adds its files' state."""
    facts = await connection.fetch(
        """
        SELECT seq, type, by, recorded_at, payload, link FROM desk.facts
        WHERE item_id = $1 ORDER BY seq
        """,
        item_id,
    )
    nights = await roots.nights_of(connection, item_id)
    every = await roots.every(connection)
    known = await sheet(connection, item_id)
    applied = await store.current(connection)
    by = await counted_by(connection, applied, known)
    sealed = next((root for root in every if nights and root.night == nights[-1][0]), None)
    names = Names(applied.site, await people_store.people_at(connection, now))
    return ItemProof(
        chrono=chrono,
        item_id=item_id,
        facts=facts,
        named=await documents.named_documents(connection, item_id, known.facts),
        documents=(),
        tell=partial(fiche.page, known, by, names, sealed, now),
        counted=computation.computation_json(known, by, applied.site.identity.timezone),
        nights=nights,
        roots=every,
        list_of_last=await roots.heads_of(connection, nights[-1][0]) if nights else [],
        made_at=now,
    )


async def with_documents(proof: ItemProof, blobs: Blobs) -> ItemProof:
    """Adds to a proof the state of each document's stored bytes; reads no database."""
    return replace(proof, documents=await documents.read(blobs, proof.named))


def zip_proof(proof: ItemProof) -> bytes:
    """Packs the proof of an item as a ZIP: facts, hashes, roots, a page, a checking program."""
    return zip_files(_entries(proof))


def zip_files(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Packs named contents into a ZIP whose bytes depend on nothing but the contents."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()


def _entries(proof: ItemProof) -> Iterable[tuple[str, bytes]]:
    texts = files("services.desk.evidence.proof")
    page = texts.joinpath("LISEZMOI.txt").read_text(encoding="utf-8")
    yield (
        "LISEZMOI.txt",
        page.format(
            chrono=proof.chrono,
            facts=len(proof.facts),
            documents=len(proof.documents),
            nights=len(proof.nights),
            made=proof.made_at.astimezone(UTC).strftime("%d/%m/%Y à %H h %M (temps universel)"),
        ).encode(),
    )
    yield "verifier.py", texts.joinpath("verifier.py").read_bytes()
    yield "faits.jsonl", b"".join(_line(row) for row in proof.facts)
    yield "FICHE.html", proof.tell(proof.documents).encode()
    yield "calcul.json", proof.counted
    yield "documents.csv", table(("document", "sha256", "quoi", "fait", "etat"), _documents(proof))
    yield (
        "racines.csv",
        table(
            ("nuit", "jour", "liste", "racine"),
            ((root.night, root.day, root.heads, root.root) for root in proof.roots),
        ),
    )
    sealed = ((night, head.item_id, head.seq, head.link) for night, head in proof.nights)
    yield "scellements.csv", table(("nuit", "courrier", "fait", "maillon"), sealed)
    if proof.nights:
        listed = sorted((str(head.item_id), head.seq, head.link) for head in proof.list_of_last)
        yield (
            f"liste-nuit-{proof.nights[-1][0]}.csv",
            table(("courrier", "fait", "maillon"), listed),
        )


def _line(row: asyncpg.Record) -> bytes:
    """JSON line of one fact; `payload` is the published text, byte for byte."""
    return (
        orjson.dumps(
            {
                "seq": row["seq"],
                "by": row["by"],
                "recorded_at": row["recorded_at"]
                .astimezone(UTC)
                .isoformat(timespec="microseconds"),
                "payload": row["payload"],
                "link": row["link"],
            }
        )
        + b"\n"
    )


def _documents(proof: ItemProof) -> Iterable[tuple[object, ...]]:
    return (
        (document.key, document.sha256, document.label, document.seq, document.said)
        for document in proof.documents
    )


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Formats rows as CSV with commas, in UTF-8, for an auditor's programs."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue().encode()
