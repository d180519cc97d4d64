"""A door that is killed before any of its steps leaves what is sent again, whole and once."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.content import spool, transfer_queue
from shared.content.keyring import IN_CLEAR
from shared.content.spool import FormDeposit
from shared.content.transfer_intake import IncomingTransfer
from tests.deposit_door import WORDS, a_form

STEPS = ("mkdir", "open", "fsync", "rename", "utime", "rmdir", "unlink")


class Steps:
    """Counts the steps on the disk, and ends the process before the one of this number."""

    def __init__(self, last: int | None) -> None:
        self.last, self.taken = last, 0

    def counted(self, step: Any) -> Any:
        def stepped(*given: Any, **more: Any) -> Any:
            if self.taken == self.last:
                os._exit(9)
            self.taken += 1
            return step(*given, **more)

        return stepped


def send(near: Path, far: Path) -> bool:
    """What sender and door do of one deposit, save the network; the door's end cleans nothing."""
    (waiting,) = transfer_queue.waiting_transfers(near)
    manifest = transfer_queue.manifest_of(waiting)
    octets = list(transfer_queue.octets_of(waiting))
    assert manifest is not None
    transfer = IncomingTransfer(far, IN_CLEAR, manifest, "portal")
    transfer.__enter__()
    for piece in octets:
        transfer.write(piece)
    return transfer.place()


def sent_until(last: int | None, near: Path, far: Path) -> int:
    """Sends until this step; how many there were."""
    steps = Steps(last)
    with pytest.MonkeyPatch.context() as patch:
        for name in STEPS:
            patch.setattr(os, name, steps.counted(getattr(os, name)))
        send(near, far)
    return steps.taken


def killed_at(step: int, near: Path, far: Path) -> None:
    """A process of its own that dies before this step, without any end of its blocks."""
    process = os.fork()
    if process == 0:
        try:
            sent_until(step, near, far)
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 9


def made(folder: Path) -> tuple[Path, Path, FormDeposit]:
    near, far, form = folder / "near", folder / "far", a_form(1)
    spool.deposit(near, form, WORDS)
    far.mkdir()
    return near, far, form


def test_killed_before_any_step_it_is_sent_again_and_lies_there_once(tmp_path: Path) -> None:
    near, far, _ = made(tmp_path / "whole")
    steps = sent_until(None, near, far)
    assert steps >= 12, "each file, both folders, the mark"
    for step in range(steps):
        near, far, form = made(tmp_path / str(step))
        killed_at(step, near, far)
        for folder in spool.waiting_folders(far):
            assert spool.read(folder)[0] == form, "what is seen is whole"
        send(near, far)
        assert [spool.read(folder)[0] for folder in spool.waiting_folders(far)] == [form], step
        assert send(near, far) is False


def test_what_a_killed_door_left_half_is_swept_after_a_day(tmp_path: Path) -> None:
    near, far, form = made(tmp_path)
    (waiting,) = transfer_queue.waiting_transfers(near)
    manifest = transfer_queue.manifest_of(waiting)
    assert manifest is not None
    IncomingTransfer(far, IN_CLEAR, manifest, "portal").__enter__()
    (left,) = far.iterdir()
    written = form.at.fromtimestamp(left.stat().st_mtime, form.at.tzinfo)
    spool.sweep(far, written + timedelta(hours=23))
    assert left.exists()
    spool.sweep(far, written + timedelta(hours=25))
    assert not left.exists()
