"""The antivirus before a paper is opened: what it says of a scanned file, or of one handed in.

An infected one is never opened: it waits whole in quarantine. One at which nobody could look is
read as any other, in a process that has nothing to lose, and says so.
"""

import asyncio
from pathlib import Path

from services.ingest.domain.document import Illegible
from services.ingest.faults import InfectedScan
from shared.content.spool import SpoolFile
from shared.platform.antivirus import Antivirus, Infected, Unlooked
from shared.platform.observability.logs import Log

log = Log("antivirus")


async def file_unlooked(antivirus: Antivirus | None, path: Path, named: str) -> bool:
    """Has the antivirus look at a file; returns whether it could not. Without one, `False`.

    `named`: what the log calls it, without any personal data. Raises InfectedScan, and OSError when
    it can't be read.
    """
    if antivirus is None:
        return False
    return await _unlooked(antivirus, await asyncio.to_thread(path.read_bytes), named)


async def looked_at(
    antivirus: Antivirus | None, file: SpoolFile, octets: bytes, named: str
) -> tuple[SpoolFile, Illegible | None]:
    """Has the antivirus look at a file that somebody handed in.

    Returns it, marked where nobody could look, and why it is not to be opened.
    """
    if antivirus is None:
        return file, None
    try:
        unlooked = await _unlooked(antivirus, octets, named)
    except InfectedScan as fault:
        return file, Illegible(fault.reason)
    return file.model_copy(update={"unlooked": unlooked}), None


async def _unlooked(antivirus: Antivirus, octets: bytes, named: str) -> bool:
    match await antivirus.look(octets):
        case Infected(name):
            log.warning("paper_infected", paper=named, signature=name)
            raise InfectedScan
        case Unlooked(why):
            log.warning("paper_unlooked", paper=named, why=why)
            return True
        case _:
            return False
