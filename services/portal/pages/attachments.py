"""Files from strangers: what they are is read from their octets, never from their names.

What passes is a PDF that opens, a picture of a sane size, or a text document without macros whose
content unpacks to a sane size. Names are shown, never used: no path survives.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from services.portal.domain.deposit import MOST_FILES
from shared.content.spool import SpoolFile, spool_file
from shared.platform.antivirus import Antivirus, Clean, Infected, Unlooked
from shared.platform.observability.logs import Log
from shared.web import foreign_files
from shared.web.forms import Mistyped, safe_name

log = Log("form")

FIELD: Final = "fichiers"
MOST_OCTETS: Final = 15 * 1024 * 1024
"""Of one file; of all together twice as much (form.MOST)."""
ACCEPT: Final = ".pdf,.jpg,.jpeg,.png,.odt,.docx"

_MOST_PIXELS = 60_000_000
_MOST_UNPACKED = 60_000_000
_ODT = "application/vnd.oasis.opendocument.text"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXTENSIONS: Final = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    _ODT: ".odt",
    _DOCX: ".docx",
}


@dataclass(frozen=True, slots=True)
class Received:
    """A file uploaded with the public form that was checked and may be accepted."""

    file: SpoolFile
    content: bytes


def check(files: Sequence[tuple[str, bytes]]) -> Sequence[Received]:
    """Checks and returns the files uploaded with the form: type, size, number. Slow: in a thread.

    Raises Mistyped, whose sentence says what to do instead.
    """
    if len(files) > MOST_FILES:
        raise Mistyped(FIELD, f"Vous pouvez joindre {MOST_FILES} fichiers au plus.")
    if sum(_declared(content) for _, content in files) > _MOST_UNPACKED:
        raise Mistyped(
            FIELD, "Ces documents sont trop volumineux une fois ouverts : joignez-les en PDF."
        )
    received = []
    for said, content in files:
        name = safe_name(said)
        if not content:
            raise Mistyped(FIELD, f"Le fichier « {name} » est vide.")
        if len(content) > MOST_OCTETS:
            raise Mistyped(
                FIELD,
                f"Le fichier « {name} » dépasse 15 Mo. Divisez-le en plusieurs"
                " fichiers, ou apportez-le sur papier.",
            )
        media_type = _type_of(name, content)
        named = _with_extension(name, _EXTENSIONS[media_type])
        received.append(Received(spool_file(named, media_type, content), content))
    return received


async def looked_at(
    antivirus: Antivirus | None, received: Sequence[Received]
) -> tuple[SpoolFile, ...]:
    """Scans uploaded files for viruses; marks those not scanned. Raises Mistyped when infected."""
    if antivirus is None:
        return tuple(attachment.file for attachment in received)
    verdicts = await asyncio.gather(
        *(antivirus.look(attachment.content) for attachment in received)
    )
    files = []
    for attachment, verdict in zip(received, verdicts, strict=True):
        match verdict:
            case Clean():
                files.append(attachment.file)
            case Unlooked(why):
                log.warning("attachment_unlooked", why=why)
                files.append(attachment.file.model_copy(update={"unlooked": True}))
            case Infected(name):
                log.warning("attachment_infected", signature=name)
                raise Mistyped(
                    FIELD,
                    f"Le fichier « {attachment.file.name} » n’est pas reçu : l’antivirus y"
                    f" reconnaît un programme malveillant ({name[:60]}). Envoyez votre message"
                    " sans lui, et faites examiner votre appareil.",
                )
            case _:
                assert_never(verdict)
    return tuple(files)


def _with_extension(name: str, extension: str) -> str:
    if name.lower().endswith((extension, ".jpeg") if extension == ".jpg" else extension):
        return name
    return f"{name}{extension}"


def _type_of(name: str, content: bytes) -> str:
    if content.startswith(b"%PDF-"):
        _opens(name, content)
        return "application/pdf"
    if content.startswith(b"\xff\xd8\xff"):
        _shows(name, content, "JPEG")
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        _shows(name, content, "PNG")
        return "image/png"
    if content.startswith(b"PK\x03\x04"):
        return _document(name, content)
    raise Mistyped(
        FIELD,
        f"Le fichier « {name} » n’est ni un PDF, ni une image JPEG ou PNG, ni un document ODT ou"
        " DOCX : enregistrez-le sous l’une de ces formes.",
    )


def _opens(name: str, content: bytes) -> None:
    try:
        foreign_files.count(content, foreign_files.PUBLIC)
    except foreign_files.Unopened:
        raise Mistyped(
            FIELD, f"Le fichier « {name} » ne s’ouvre pas, ou demande un mot de passe."
        ) from None


def _shows(name: str, content: bytes, kind: str) -> None:
    try:
        width, height = foreign_files.size(content, kind, foreign_files.PUBLIC)
    except foreign_files.Unopened:
        raise Mistyped(FIELD, f"L’image « {name} » ne s’ouvre pas.") from None
    if width * height > _MOST_PIXELS:
        raise Mistyped(FIELD, f"L’image « {name} » est trop grande : réduisez-la.")


def _document(name: str, content: bytes) -> str:
    try:
        found = foreign_files.document(content, foreign_files.PUBLIC)
    except foreign_files.Unopened:
        found = ""
    if found not in _EXTENSIONS:
        raise Mistyped(
            FIELD, f"Le fichier « {name} » n’est pas un document ODT ou DOCX sans macros."
        )
    return found


def _declared(content: bytes) -> int:
    """What an archive says that it unpacks to; its reader never gives more. 0: it is none."""
    if not content.startswith(b"PK\x03\x04"):
        return 0
    try:
        return foreign_files.declared_size(content, foreign_files.PUBLIC)
    except foreign_files.Unopened:
        return 0
