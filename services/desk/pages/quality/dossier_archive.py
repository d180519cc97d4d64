"""The ZIP of a candidature, written to a temporary file: one document is held at a time.

A framework has dozens of pieces of evidence of up to twenty megabytes each, and the file is asked
for by several people: one is made at a time.
"""

import asyncio
import hashlib
import tempfile
import zipfile
from collections.abc import Mapping
from typing import IO, Final

from services.desk.open_document import add
from services.desk.pages.quality.dossier_documents import DossierParts, files_of, index_document
from services.desk.quality.domain.label_facts import FiledProof
from shared.content.blobs import Blobs
from shared.content.file_kinds import ending
from shared.errors import PermanentFailure
from shared.facts.envelope import BlobKey

LOST: Final = "manquante"
"""In place of the SHA-256 of a document that is damaged or gone from the disk."""
GONE: Final = "effacée"
"""In place of the SHA-256 of a document that two persons erased."""
_turn = asyncio.Semaphore(1)


async def zip_dossier(parts: DossierParts, blobs: Blobs) -> IO[bytes]:
    """Packs the label's candidature file as a ZIP in a temporary file, deleted when it is closed.

    Each document is read twice, for the index stands before it. Raises TemporaryFailure, and
    PermanentFailure for a document that disappears between both readings.
    """
    async with _turn:
        documents, lost = dict[str, BlobKey](), dict[str, str]()
        for number, proof in enumerate(parts.proofs, start=1):
            if proof.file is None:
                continue
            name = f"pieces/{number:03}-{_name(proof)}"
            if proof.erased:
                lost[name] = GONE
                continue
            try:
                kind = ending(await blobs.get(proof.file))
            except PermanentFailure:
                lost[name] = LOST
            else:
                documents[name + ("" if kind == ".eml" else kind)] = proof.file
        # Opened in a thread, closed by whoever sends it.
        kept: IO[bytes] = await asyncio.to_thread(tempfile.TemporaryFile)
        try:
            with zipfile.ZipFile(kept, "w") as file:
                sums = await asyncio.to_thread(_papers, file, parts, documents, lost)
                for name, key in documents.items():
                    await asyncio.to_thread(add, file, name, await blobs.get(key))
                told = "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))
                told += "".join(f"# {lost[name]} : {name}\n" for name in sorted(lost))
                add(file, "SHA256SUMS", told.encode())
        except BaseException:
            kept.close()
            raise
        return kept


def _name(proof: FiledProof) -> str:
    return f"{proof.engagement}-{proof.code}-{proof.on.isoformat()}"


def _papers(
    file: zipfile.ZipFile,
    parts: DossierParts,
    documents: Mapping[str, BlobKey],
    lost: Mapping[str, str],
) -> Mapping[str, str]:
    """Writes the index and the tables; returns the SHA-256 of every file, documents included."""
    shas = {name: key.rpartition("/")[2] for name, key in documents.items()}
    index = index_document(parts, dict(sorted((shas | dict(lost)).items())))
    papers = {"index.odt": index, **files_of(parts)}
    for name, content in papers.items():
        add(file, name, content)
    return shas | {name: hashlib.sha256(content).hexdigest() for name, content in papers.items()}
