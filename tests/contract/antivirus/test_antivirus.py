"""Whatever stands behind `Antivirus` says what it knows of octets, and never raises."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.platform import antivirus as door
from shared.platform.antivirus import Antivirus, Clamd, Clean, Infected, Unlooked
from tests.fake_clamd import EICAR, MOST, SIGNATURE, FakeAntivirus, clamd


@pytest.fixture(params=["fake", "tcp", "unix"])
async def antivirus(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Antivirus]:
    if request.param == "fake":
        yield FakeAntivirus()
        return
    async with clamd(tmp_path / "clamd.ctl" if request.param == "unix" else None) as address:
        yield Clamd(address)


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (b"%PDF-1.7 une lettre", Clean()),
        (b"", Clean()),
        (b"x" * 500_000, Clean()),
        (EICAR, Infected(SIGNATURE)),
        (b"x" * 65_530 + EICAR, Infected(SIGNATURE)),
    ],
    ids=["letter", "empty", "large", "infected", "across chunks"],
)
async def test_octets_get_their_verdict(
    antivirus: Antivirus, content: bytes, verdict: Clean | Infected
) -> None:
    assert await antivirus.look(content) == verdict


async def test_many_are_looked_at_together(antivirus: Antivirus) -> None:
    verdicts = await asyncio.gather(*(antivirus.look(octets) for octets in (b"a", EICAR, b"b")))
    assert verdicts == [Clean(), Infected(SIGNATURE), Clean()]


async def test_without_a_verdict_a_file_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(await Clamd(str(tmp_path / "nobody.ctl")).look(b"x"), Unlooked)
    async with clamd() as address:
        assert await Clamd(address).look(b"x" * (MOST + 1)) == Unlooked("clamd gave no verdict")
    assert isinstance(await Clamd(address).look(b"x"), Unlooked), "it is gone"
    async with clamd(says=lambda _: b"x" * 100_000) as address:
        assert isinstance(await Clamd(address).look(b"x"), Unlooked), "an endless answer"
    monkeypatch.setattr(door, "PATIENCE_SECONDS", 0.1)

    async def listens(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            # It answers nothing, until the other side hangs up.
            while await reader.read(1024):
                pass
        finally:
            writer.close()

    silent = await asyncio.start_server(listens, "127.0.0.1", 0)
    async with silent:
        port = silent.sockets[0].getsockname()[1]
        assert await Clamd(f"127.0.0.1:{port}").look(b"x") == Unlooked(
            "clamd does not answer (TimeoutError)", away=True
        )
