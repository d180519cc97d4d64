"""Files that leave with a letter: by what they are, and within what a mailbox takes."""

import pytest

from services.desk.letters.domain.enclosures import (
    MOST_FILES,
    MOST_OCTETS,
    FileToSend,
    check_files,
    file_to_send,
)
from shared.errors import Refused


@pytest.mark.parametrize(
    ("name", "octets", "becomes"),
    [
        ("plan.pdf", b"%PDF-1.7", ("plan.pdf", "application/pdf")),
        ("photo.jpeg", b"\xff\xd8\xff\xe0", ("photo.jpg", "image/jpeg")),
        ("../../etc/plan", b"%PDF-1.7", ("....etcplan.pdf", "application/pdf")),
        ("fdp\u202e.exe", b"\x89PNG", ("fdp.png", "image/png")),
        ("", b"%PDF-1.7", ("document.pdf", "application/pdf")),
    ],
)
def test_a_file_is_called_what_its_octets_are(
    name: str, octets: bytes, becomes: tuple[str, str]
) -> None:
    file = file_to_send(name, octets)
    assert (file.name, file.media_type) == becomes


@pytest.mark.parametrize("octets", [b"", b"MZ", b"PK\x03\x04", b"<html>"])
def test_what_is_empty_or_may_bear_a_program_does_not_leave(octets: bytes) -> None:
    with pytest.raises(Refused):
        file_to_send("plan.pdf", octets)


def test_a_letter_takes_ten_files_and_ten_megabytes() -> None:
    small = FileToSend("a.pdf", "application/pdf", b"%PDF")
    large = FileToSend("a.pdf", "application/pdf", b"x" * (MOST_OCTETS // 2))
    check_files([small] * MOST_FILES)
    check_files([large, large])
    with pytest.raises(Refused, match="at most 10 files"):
        check_files([small] * (MOST_FILES + 1))
    with pytest.raises(Refused, match="at most 10 MB"):
        check_files([large, large, small])
