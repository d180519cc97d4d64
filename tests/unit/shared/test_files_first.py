"""What a transaction will probably need was read before it: each file once, by whoever asks."""

from pathlib import Path

import pytest

from shared.content.blobs import LocalBlobs
from shared.content.files_first import FilesFirst, NotAtHand
from shared.errors import PermanentFailure
from shared.facts.envelope import BlobKey

KEYS = [BlobKey(f"2026/{name}") for name in "abc"]


async def test_what_was_read_is_at_hand(tmp_path: Path) -> None:
    files = FilesFirst(LocalBlobs(tmp_path))
    files.hold({key: key.encode() for key in KEYS})
    assert [await files.get(key) for key in KEYS] == [b"2026/a", b"2026/b", b"2026/c"]
    with pytest.raises(NotAtHand):
        await files.get(BlobKey("2026/d"))


async def test_a_file_that_can_not_be_read_fails_whoever_asks_for_it_and_nobody_else(
    tmp_path: Path,
) -> None:
    files = FilesFirst(LocalBlobs(tmp_path))
    files.hold({KEYS[1]: PermanentFailure("damaged"), KEYS[2]: b"2026/c"})
    with pytest.raises(PermanentFailure, match="damaged"):
        await files.get(KEYS[1])
    assert await files.get(KEYS[2]) == b"2026/c"
