"""The files of a letter as they are stored, in the folder of the decision that sends it."""

from uuid import UUID

from services.desk.letters.domain.enclosures import FileToSend
from shared.content.plis import Enclosure, Store


async def keep_file(blobs: Store, year: int, decision: UUID, file: FileToSend) -> Enclosure:
    """Stores a file that goes with a letter; returns what the letter's pli says of it.

    `year`: local, of the decision. Raises what `blobs` does.
    """
    key = await blobs.put(year, decision, file.octets)
    return Enclosure(name=file.name, media_type=file.media_type, size=len(file.octets), key=key)
