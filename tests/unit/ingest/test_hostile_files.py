"""What is attached costs a mail some seconds of a processor in all, whatever the files hold."""

import asyncio
import resource
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from services.ingest import attachment_reader
from services.ingest.attachment_process.answers import FilesRead, ReadPiece
from services.ingest.attachment_reader import (
    ALLOWANCE,
    LATE,
    MOST_SECONDS,
    PROGRAM,
    AttachmentReader,
)
from services.ingest.domain.attachments import AttachedTexts
from shared.content.plis import Attachment
from shared.platform.children import ChildDied, Children
from tests.attached_files import body, docx, part
from tests.hostile_files import SHAPES
from tests.ingest_builders import a_multipart

SIZE = 1_500_000
START_SECONDS = 3.0
"""Of a processor, until a child has imported what it needs."""
ENDS = "ends-its-reader"
WAITED_FOR = replace(ALLOWANCE, patience=900)
"""The seconds of a processor are what is tried, on however busy a machine."""


def a_mail_of(*files: bytes) -> bytes:
    parts = [part(f"{number}", octets) for number, octets in enumerate(files)]
    return a_multipart(body("Bonjour, voir ci-joint."), *parts)


def read(octets: bytes, count: int, children: Any = None) -> AttachedTexts:
    reader = AttachmentReader(None, children or Children(PROGRAM, WAITED_FOR, most=1))
    wanted = [
        Attachment(name="x", media_type="application/x", size=1, sha256="0" * 64, part=number)
        for number in range(1, count + 1)
    ]
    try:
        return asyncio.run(reader.read(octets, wanted))
    finally:
        reader.close()


def worked() -> float:
    """Seconds of a processor that those children took which have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


class Dear:
    """Children that a file ends, or that a file costs some seconds, by its part."""

    def __init__(self, deadly: int = 0, seconds: float = 0.0) -> None:
        self._deadly, self._seconds = deadly, seconds
        self.worked = 0.0
        self.starts = 0

    def ask(
        self, _: TypeAdapter[FilesRead], request: Mapping[str, Any], __: bytes
    ) -> tuple[FilesRead, bytes]:
        parts = request["parts"]
        if self._deadly in parts:
            self.worked += ALLOWANCE.seconds
            self.starts += 1
            raise ChildDied("crash")
        self.worked += self._seconds * len(parts)
        pieces = tuple(ReadPiece((number,), "x", f"texte {number}") for number in parts)
        return FilesRead(pieces, self._seconds * len(parts)), b""

    def close(self) -> None:
        """Close nothing: nothing is open."""


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    opened = Children(PROGRAM, WAITED_FOR, most=1)
    yield opened
    opened.close()


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_of_file_ends_its_reader(children: Children, shape: str) -> None:
    found, _ = children.ask(
        TypeAdapter(FilesRead), {"do": "read", "parts": [1]}, a_mail_of(SHAPES[shape](SIZE))
    )
    assert found.pieces
    assert found.seconds < ALLOWANCE.seconds


def test_many_dear_files_cost_a_mail_no_more_than_its_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(attachment_reader, "PATIENCE", 900.0)
    bomb = SHAPES["docx of empty elements"](SIZE)
    assert len(bomb) < 100_000
    before = worked()
    found = read(a_mail_of(docx("Madame, Monsieur"), *[bomb] * 39), 40)
    assert worked() - before <= MOST_SECONDS + START_SECONDS
    assert found.by_part[1].text == "Madame, Monsieur"
    assert found.by_part[40].unread == LATE


def test_a_file_that_ends_its_reader_takes_no_other_with_it() -> None:
    dear = Dear(deadly=2)
    found = read(b"", 4, dear)
    assert [found.by_part[number].unread for number in (1, 2, 3, 4)] == [None, ENDS, None, None]
    assert found.by_part[4].text == "texte 4"


def test_files_that_end_their_readers_cost_no_more_than_the_mails_seconds() -> None:
    class Deadly(Dear):
        def ask(self, shape: Any, request: Any, octets: bytes) -> Any:
            self._deadly = request["parts"][0]
            return super().ask(shape, request, octets)

    deadly = Deadly()
    found = read(b"", 30, deadly)
    assert deadly.worked <= MOST_SECONDS
    assert {text.unread for text in found.by_part.values()} == {ENDS, LATE}
    assert len(found.by_part) == 30


def test_what_no_child_finds_is_not_asked_for_ever() -> None:
    class Blind(Dear):
        def ask(self, *_: object) -> Any:
            self.starts += 1
            return FilesRead((), 0.0), b""

    blind = Blind()
    found = read(b"", 2, blind)
    assert blind.starts == 1
    assert {text.unread for text in found.by_part.values()} == {LATE}
