"""Below a floor of free space nothing new is taken in, and it is said why."""

import os
from pathlib import Path

import pytest

from shared.platform import disk_space
from shared.platform.observability.health import Unwell, Well, room


async def test_a_disk_below_the_floor_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "yet"
    left = disk_space.free(folder) // disk_space.MEGA
    assert disk_space.why_full(folder, 0) is None
    said = disk_space.why_full(folder, left + 1_000_000)
    assert said is not None
    assert f"below {left + 1_000_000} MB (VAGUEMESTRE_FREE_FLOOR)" in said
    assert await room(0, folder)() == Well()
    assert isinstance(await room(left + 1_000_000, tmp_path, folder)(), Unwell)


def test_a_disk_that_does_not_answer_has_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(folder: object) -> object:
        raise OSError(5, "Input/output error", str(folder))

    monkeypatch.setattr(os, "statvfs", gone)
    assert (
        disk_space.why_full(tmp_path, 0) == f"{tmp_path}: the disk answers with an error: check it."
    )
