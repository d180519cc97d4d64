"""The antivirus before a paper is opened: what it says of a scanned file, or of one handed in.

An infected one is never opened: it waits whole in quarantine. One at which nobody could look is
read as any other, in a process that has nothing to lose, and says so.
"""

import asyncio
from dataclasses import replace
from pathlib import Path

from services.ingest.domain.document import Illegible, ScannedDocument
from services.ingest.faults import InfectedScan
from shared.content.spool import SpoolFile
from shared.platform.antivirus import Antivirus, Infected, Unlooked
from shared.platform.observability.logs import Log

log = Log("antivirus")


async def file_unlooked(antivirus: Antivirus | None, path: Path, named: str) -> Unlooked | None:
    """Has the antivirus look at a file; returns why it could not, `None` if it did.

    Without an antivirus nobody could: `None` as well.
    `named`: what the log calls it, without any personal data. Raises InfectedScan, and OSError when
    it can't be read.
    """
    if antivirus is None:
        return None
    return await _unlooked(antivirus, await asyncio.to_thread(path.read_bytes), named)


def marked_by(unlooked: Unlooked | None, document: ScannedDocument) -> ScannedDocument:
    """Returns a document of a scanned file, marked where the antivirus could not look at that."""
    if unlooked is None:
        return document
    return replace(document, unlooked=True, too_large=unlooked.too_large)


async def looked_at(
    antivirus: Antivirus | None, file: SpoolFile, octets: bytes, named: str
) -> tuple[SpoolFile, Illegible | None]:
    """Scans a file that somebody handed in for viruses; returns it, and why not to open it.

    The file is marked where nobody could scan it; `None`: it may be opened.
    """
    if antivirus is None:
        return file, None
    try:
        unlooked = await _unlooked(antivirus, octets, named)
    except InfectedScan as fault:
        return file, Illegible(fault.reason)
    if unlooked is None:
        return file, None
    return file.model_copy(update={"unlooked": True, "too_large": unlooked.too_large}), None


async def _unlooked(antivirus: Antivirus, octets: bytes, named: str) -> Unlooked | None:
    match await antivirus.look(octets):
        case Infected(name):
            log.warning("paper_infected", paper=named, signature=name)
            raise InfectedScan
        case Unlooked(why) as unlooked:
            log.warning("paper_unlooked", paper=named, why=why)
            return unlooked
        case _:
            return None
