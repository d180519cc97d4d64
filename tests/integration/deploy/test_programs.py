"""Programs of ours begin as forks of one process that has imported them, and as nothing else."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from deploy.embedded.processes import vaguemestre
from deploy.embedded.programs import ForkServer, Program

SECRET = "VAGUEMESTRE_PASSWORD_PREF_BMI"
SOON = 300.0


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[ForkServer]:
    os.environ[SECRET] = "of-a-mailbox"
    server = ForkServer()
    del os.environ[SECRET]
    yield server
    await server.stop()


def environ_of(program: Program) -> bytes:
    """What the kernel keeps of its first environment, which it can't take back."""
    return Path(f"/proc/{program.pid}/environ").read_bytes()


def memory_of(program: Program) -> bytes:
    """What a process can read of itself and write to."""
    process = Path(f"/proc/{program.pid}")
    found = []
    with (process / "mem").open("rb") as memory:
        for line in (process / "maps").read_text().splitlines():
            span, rights, *_ = line.split()
            if rights.startswith("rw"):
                begin, end = (int(address, 16) for address in span.split("-"))
                memory.seek(begin)
                with suppress(OSError):
                    found.append(memory.read(end - begin))
    return b"".join(found)


async def end(program: Program) -> int:
    async with asyncio.timeout(SOON):
        return await program.wait()


async def until_it_reads(fifo: Path) -> int:
    """Waits until a program has opened the other end; ours, which keeps it waiting."""
    async with asyncio.timeout(SOON):
        while True:
            try:
                return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                await asyncio.sleep(0.01)


async def reading(server: ForkServer, folder: Path) -> tuple[Program, int]:
    """A program of ours that reads a file which does not end."""
    fifo = folder / "mail.eml"
    os.mkfifo(fifo)
    words = vaguemestre("ingest", "form-layout", str(fifo))
    program = await server.start(words, {"VAGUEMESTRE_SITE": "indre"}, folder / "log")
    return program, await until_it_reads(fifo)


async def test_a_program_says_and_ends_as_if_it_had_been_executed(
    server: ForkServer, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    asked = await server.start(vaguemestre("--version"), {}, log)
    assert await end(asked) == 0
    before, said = log.read_text().splitlines()
    assert before == "before"
    assert said.startswith("vaguemestre, version ")
    unknown = await server.start(vaguemestre("nothing"), {}, log)
    assert await end(unknown) == 2
    assert "No such command 'nothing'" in log.read_text()
    assert unknown.pid != asked.pid


async def test_it_knows_its_own_environment_and_nothing_of_ours(
    server: ForkServer, tmp_path: Path
) -> None:
    program, line = await reading(server, tmp_path)
    told = environ_of(program)
    assert b"PATH=" in told
    assert SECRET.encode() not in told
    assert os.getsid(program.pid) == program.pid
    program.terminate()
    assert await end(program) == -signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        program.terminate()
    os.close(line)


async def test_it_finds_nothing_in_its_memory_that_another_program_was_told(
    server: ForkServer, tmp_path: Path
) -> None:
    # Long enough for no part of it to be anything else, and written nowhere whole.
    secret = "-".join(["password", "of", *"another"] * 20)
    told = {"VAGUEMESTRE_PASSWORD_PREF_BMI": secret}
    assert await end(await server.start(vaguemestre("--version"), told, tmp_path / "log")) == 0
    program, line = await reading(server, tmp_path)
    memory = memory_of(program)
    assert b"form-layout" in memory
    assert secret.encode() not in memory
    os.close(line)
    assert await end(program) == 1


async def test_what_is_not_ours_is_executed(server: ForkServer, tmp_path: Path) -> None:
    program = await server.start(("/bin/sh", "-c", "echo $0; exit 5"), {}, tmp_path / "log")
    assert await end(program) == 5
    assert (tmp_path / "log").read_text() == "/bin/sh\n"


async def test_without_the_server_its_forks_end_and_others_are_executed(
    server: ForkServer, tmp_path: Path
) -> None:
    program, line = await reading(server, tmp_path)
    os.kill(server.pid, signal.SIGKILL)
    assert await end(program) == -signal.SIGTERM
    os.close(line)
    asked = await server.start(vaguemestre("--version"), {}, tmp_path / "log")
    assert await end(asked) == 0
    assert "vaguemestre, version " in (tmp_path / "log").read_text()


async def test_who_stops_while_it_imports_does_not_wait_and_begins_nothing(tmp_path: Path) -> None:
    server = ForkServer()
    starting = asyncio.ensure_future(server.start(vaguemestre("--version"), {}, tmp_path / "log"))
    await asyncio.sleep(0)
    starting.cancel()
    await server.stop()
    assert (tmp_path / "log").read_text() == ""
