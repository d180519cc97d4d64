"""The antivirus before a file leaves with a letter: what it finds, or could not look at, stays.

Unlike what comes in, nothing is lost by a refusal: whoever encloses it is there, and the letter may
leave without it, or a little later (docs/decisions/0197).
"""

from collections.abc import Sequence

from services.desk.letters.domain.enclosures import FileToSend
from shared.errors import Refused
from shared.platform.antivirus import Antivirus, Infected, Unlooked
from shared.platform.observability.logs import Log

log = Log("antivirus")


async def scan_files(antivirus: Antivirus | None, files: Sequence[FileToSend]) -> None:
    """Has the antivirus look at files that are to leave; without an antivirus nobody does.

    Raises Refused for the first file in which it finds a virus, or at which it could not look.
    """
    if antivirus is None:
        return
    for file in files:
        match await antivirus.look(file.octets):
            case Infected(signature):
                log.warning("enclosure_infected", signature=signature)
                raise Refused(
                    f"The antivirus found {signature} in {file.name!r}.",
                    "letter-file-virus",
                    name=file.name,
                    signature=signature,
                )
            case Unlooked(why, too_large=too_large):
                log.warning("enclosure_unlooked", why=why)
                raise Refused(
                    f"The antivirus could not look at {file.name!r}: {why}.",
                    "letter-file-too-large" if too_large else "letter-file-unlooked",
                    name=file.name,
                )
            case _:
                pass
