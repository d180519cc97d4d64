"""Each program of ours that opens a stranger's octets confines itself, and is told no secret."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from services.desk.migration.spreadsheet import grid
from services.ingest import attachment_reader, mail_parser, signature_reader
from services.ingest.faults import UnreadableScan
from services.ingest.scan_reader import ScanReaderProcess
from shared.platform import confinement
from shared.platform.children import ChildFailed, ChildLimits, Children

PROGRAMS = (
    *(mail_parser.PROGRAM, attachment_reader.PROGRAM, signature_reader.PROGRAM),
    *("shared.web.foreign_child", "shared.paper.copy_child"),
)
MORE_THAN_A_PIPE_HOLDS = 1_000_000


class Spawned:
    """The last process that the house started, and the environment that it was given."""

    pid: int
    environment: Mapping[str, str]

    def assert_confined(self) -> None:
        """It gave up what it may, for ever; what this system does not know, `status` says."""
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines()
        status = dict(line.split(":\t", 1) for line in lines)
        assert status["NoNewPrivs"] == "1"
        if "seccomp" in confinement.missing_protections():
            assert "may open connections" in confinement.lacks_sentence(["seccomp"])
        else:
            assert status["Seccomp"] == "2"
        told = [name for name in self.environment if name.startswith(("VAGUEMESTRE_", "PG"))]
        assert told == []


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> Spawned:
    one, begin = Spawned(), subprocess.Popen.__init__

    def begins(process: subprocess.Popen[bytes], *words: Any, **more: Any) -> None:
        begin(process, *words, **more)
        one.pid, one.environment = process.pid, more["env"]

    monkeypatch.setattr(subprocess.Popen, "__init__", begins)
    monkeypatch.setenv("VAGUEMESTRE_SECRET", "a secret")
    monkeypatch.setenv("PGPASSWORD", "a secret")
    return one


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_child_that_opens_mails_or_files_is_confined(spawned: Spawned, program: str) -> None:
    opened = Children(program, ChildLimits(seconds=5, patience=60, memory=1_500_000_000))
    try:
        with pytest.raises(ChildFailed):
            opened.ask(TypeAdapter(object), {"do": "nothing that it knows"})
        spawned.assert_confined()
    finally:
        opened.close()


async def test_the_process_that_reads_scans_is_confined(spawned: Spawned, tmp_path: Path) -> None:
    (tmp_path / "fra.traineddata").write_bytes(b"")
    reading = ScanReaderProcess(tmp_path)
    try:
        with pytest.raises(UnreadableScan):
            await reading.open(tmp_path / "nothing.pdf")
        assert reading.pid == spawned.pid
        spawned.assert_confined()
    finally:
        await reading.close()


def test_the_process_that_reads_spreadsheets_is_confined(
    spawned: Spawned, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = list[int]()

    def run(
        words: Sequence[str], *, timeout: float, check: bool, **more: Any
    ) -> subprocess.CompletedProcess[bytes]:
        assert not check
        content = more.pop("input")
        with subprocess.Popen(words, stdin=subprocess.PIPE, **more) as process:  # noqa: S603  (the house's own words)
            assert process.stdin is not None
            process.stdin.write(content)  # it reads: no pipe holds so much
            spawned.assert_confined()
            seen.append(process.pid)
            out, _ = process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(words, process.returncode, out)

    monkeypatch.setattr(subprocess, "run", run)
    line = f"2026-05-12;{'x' * 10_000}\n"
    content = "Reçu le;Objet\n" + line * (MORE_THAN_A_PIPE_HOLDS // len(line))
    found = grid.read("registre.csv", content.encode())
    assert seen == [spawned.pid]
    assert list(found.titles) == ["Reçu le", "Objet"]
