"""How a paper was shown to us, kept beside its octets so that it can be judged again.

No name and no text: names of files go with the pli.
"""

from dataclasses import replace

from pydantic import TypeAdapter

from services.ingest.domain.document import Illegible, Legible, ScannedDocument
from shared.content.spool import SpoolFile, UploadDeposit
from shared.facts.envelope import ArrivalId
from shared.platform.postgres import rows

_DOCUMENT = TypeAdapter(ScannedDocument)
_NOTHING_READ = Legible((), 0)


def of_scan(document: ScannedDocument) -> str:
    """Serialises a scanned document's metadata to JSON, stored to judge its octets again later."""
    bare = replace(document, octets=b"", name="", reading=_NOTHING_READ)
    return _DOCUMENT.dump_json(bare).decode()


def scan(
    arrival_id: ArrivalId, kept: str, octets: bytes, reading: Legible | Illegible
) -> ScannedDocument:
    """Rebuilds a scanned document from its stored metadata and a new OCR reading.

    Raises UnreadableRow.
    """
    bare = rows.read("ingest.arrivals", arrival_id, lambda: _DOCUMENT.validate_json(kept))
    return replace(bare, octets=octets, reading=reading)


def of_upload(upload: UploadDeposit, file: SpoolFile) -> str:
    """Serialises an uploaded file's metadata to JSON, stored to judge its octets again later."""
    bare = upload.model_copy(update={"files": (file.model_copy(update={"name": ""}),)})
    return bare.model_dump_json()


def upload(arrival_id: ArrivalId, kept: str, name: str) -> UploadDeposit:
    """Rebuilds an uploaded file's deposit from stored metadata and its name.

    Raises UnreadableRow.
    """
    read = UploadDeposit.model_validate_json
    bare = rows.read("ingest.arrivals", arrival_id, lambda: read(kept))
    file = bare.files[0].model_copy(update={"name": name})
    return bare.model_copy(update={"files": (file,)})
