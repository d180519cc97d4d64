"""How attached files are read: what a file is, its text, and the files that it holds, with bounds.

Nothing here raises for what a file is: what could not be read has a reason. What a request may cost
of a processor is looked at between two files: what is left is asked for in another one.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from services.ingest.attachment_process import containers, office, pdf_layer, rtf, tnef
from services.ingest.attachment_process.answers import FilesRead, ReadPiece
from services.ingest.attachment_process.containers import MOST_TEXT, HeldFile
from services.ingest.attachment_process.kinds import FileKind, kind_of
from services.ingest.domain import decoding, html
from services.ingest.domain.cms import signed_content
from shared.content.mime import leaves

_DEEPEST = 3
_MOST_PIECES = 60
_SECONDS = 1.5
"""Of a processor, after which no other file of a request is begun."""
_LAID_OUT = 100_000
"""Characters of HTML that are laid out in lines; of more, which costs their square, only the words
are taken."""
_BROKEN = (*office.BROKEN, *pdf_layer.BROKEN, IndexError, KeyError, TypeError, RecursionError)


def files_read(octets: bytes, parts: Sequence[int]) -> FilesRead:
    """Reads the text of attachments of a mail, and of files inside them, for some seconds at most.

    The seconds are of a processor. Attachments for which they do not suffice are left out.
    """
    began = time.process_time()
    found: list[ReadPiece] = []
    for piece in _pieces(octets, parts):
        cost = time.process_time() - began
        if found and cost > _SECONDS:
            if piece.path[0] == found[-1].path[0]:
                found.append(ReadPiece(piece.path[:1], "", reason="late"))
            break
        found.append(piece)
    return FilesRead(tuple(found), time.process_time() - began)


def _pieces(octets: bytes, parts: Sequence[int]) -> Iterator[ReadPiece]:
    read = 0
    for leaf in leaves(octets):
        if leaf.number in parts:
            name = decoding.header(leaf.name)
            for piece in _read(HeldFile(name, leaf.media_type, leaf.content), (leaf.number,)):
                if read == _MOST_PIECES:
                    yield ReadPiece((leaf.number,), name, reason="too-many")
                    return
                read += 1
                yield piece


def content(octets: bytes, path: Sequence[int]) -> bytes:
    """Returns the octets of a file in a mail by its path: attachment, then file inside it ….

    b"" when there is none.
    """
    leaf = next((leaf for leaf in leaves(octets) if leaf.number == path[0]), None)
    if leaf is None:
        return b""
    held = HeldFile(leaf.name, leaf.media_type, leaf.content)
    for place in path[1:]:
        inside = list(_held(held))
        if place >= len(inside):
            return b""
        held = inside[place]
    return held.content


def _read(file: HeldFile, path: tuple[int, ...]) -> Iterator[ReadPiece]:
    try:
        yield _own(file, path)
        if len(path) > _DEEPEST:
            return
        for place, held in enumerate(_held(file)):
            yield from _read(held, (*path, place))
    except _BROKEN as error:
        locked = "password" in str(error).lower() or "encrypted" in str(error).lower()
        yield ReadPiece(path, file.name, reason="locked" if locked else "damaged")


def _own(file: HeldFile, path: tuple[int, ...]) -> ReadPiece:
    kind = kind_of(file.content, file.declared)
    if kind in _TEXT_OF:
        return ReadPiece(path, file.name, decoding.clean(_TEXT_OF[kind](file.content))[:MOST_TEXT])
    match kind:
        case "pdf":
            text, doubtful = pdf_layer.layer(file.content)
            return ReadPiece(path, file.name, decoding.clean(text), picture=doubtful)
        case "picture":
            return ReadPiece(path, file.name, picture=True)
        case "archive":
            return _archive(file, path)
        case "mail" | "tnef" | "signed":
            deep = len(path) > _DEEPEST
            return ReadPiece(path, file.name, reason="too-deep" if deep else None)
        case _:
            return ReadPiece(path, file.name, reason="unknown-kind")


def _archive(file: HeldFile, path: tuple[int, ...]) -> ReadPiece:
    """The names of its files: an archive is listed and not opened."""
    try:
        names = "\n".join(office.file_names(file.content))
    except office.BROKEN:
        names = ""
    return ReadPiece(path, file.name, decoding.clean(names)[:MOST_TEXT], reason="unknown-kind")


def _held(file: HeldFile) -> Iterator[HeldFile]:
    match kind_of(file.content, file.declared):
        case "mail":
            yield from containers.of_mail(file.content)
        case "tnef":
            yield from tnef.files_of(file.content)
        case "signed":
            yield from containers.of_mail(signed_content(file.content))
        case _:
            return


def _of_html(octets: bytes) -> str:
    text = decoding.text(octets, "")
    return html.words_of(text) if len(text) > _LAID_OUT else html.text_of(html.sanitise(text))


def _of_text(octets: bytes) -> str:
    return decoding.text(octets[: 4 * MOST_TEXT], "")


_TEXT_OF: Mapping[FileKind, Callable[[bytes], str]] = {
    "docx": office.of_word,
    "xlsx": office.of_excel,
    "pptx": office.of_slides,
    "odf": office.of_open_document,
    "rtf": rtf.text_of,
    "html": _of_html,
    "text": _of_text,
    "empty": lambda _: "",
}
