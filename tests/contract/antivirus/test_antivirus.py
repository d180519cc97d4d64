"""Whatever stands behind `Antivirus` says what it knows of octets, and never raises."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.platform import antivirus as door
from shared.platform.antivirus import Antivirus, Clamd, Clean, Infected, Unlooked
from shared.platform.observability.health import Unwell, Well
from tests.fake_clamd import EICAR, MOST, SIGNATURE, FakeAntivirus, clamd
from tests.real_clamd import FOUND, RunningClamd, real_clamd


@dataclass(frozen=True, slots=True)
class Known:
    """An antivirus, and how it calls the one virus that it knows."""

    antivirus: Antivirus
    virus: str = SIGNATURE


@pytest.fixture(scope="module")
def debians(needs_debian: Callable[[str], Path]) -> Iterator[RunningClamd]:
    with real_clamd(needs_debian("clamd")) as running:
        yield running


@pytest.fixture(params=["fake", "tcp", "unix", "clamd by tcp", "clamd by unix"])
async def known(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Known]:
    match request.param:
        case "fake":
            yield Known(FakeAntivirus())
        case "tcp" | "unix" as way:
            async with clamd(tmp_path / "clamd.ctl" if way == "unix" else None) as address:
                yield Known(Clamd(address))
        case way:
            real = request.getfixturevalue("debians")
            yield Known(Clamd(real.tcp if way == "clamd by tcp" else real.unix), FOUND)


@pytest.mark.parametrize(
    ("content", "infected"),
    [
        (b"%PDF-1.7 une lettre", False),
        (b"", False),
        (b"x" * 500_000, False),
        (EICAR, True),
        (b"x" * 65_530 + EICAR, True),
    ],
    ids=["letter", "empty", "large", "infected", "across chunks"],
)
async def test_octets_get_their_verdict(known: Known, content: bytes, *, infected: bool) -> None:
    verdict = Infected(known.virus) if infected else Clean()
    assert await known.antivirus.look(content) == verdict


async def test_many_are_looked_at_together(known: Known) -> None:
    looks = (known.antivirus.look(octets) for octets in (b"a", EICAR, b"b"))
    assert await asyncio.gather(*looks) == [Clean(), Infected(known.virus), Clean()]


@pytest.mark.parametrize("octets", [MOST + 1, 30 * MOST])
async def test_clamd_itself_says_that_a_file_is_above_its_limit(
    debians: RunningClamd, octets: int
) -> None:
    for address in (debians.tcp, debians.unix):
        asked = Clamd(address)
        assert await asked.look(b"x" * octets) == Unlooked(
            "too large for clamd (StreamMaxLength)", too_large=True
        )
        assert await asked.check() == Well()


async def test_a_clamd_that_goes_away_leaves_files_without_a_verdict(
    needs_debian: Callable[[str], Path],
) -> None:
    with real_clamd(needs_debian("clamd")) as running:
        asked = [Clamd(running.tcp), Clamd(running.unix)]
        assert [await client.check() for client in asked] == [Well(), Well()]
        running.stop()
        for client in asked:
            verdict = await client.look(EICAR)
            assert isinstance(verdict, Unlooked)
            assert verdict.away
            assert isinstance(await client.check(), Unwell)


async def test_without_a_verdict_a_file_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(await Clamd(str(tmp_path / "nobody.ctl")).look(b"x"), Unlooked)
    async with clamd() as address:
        assert await Clamd(address).look(b"x") == Clean()
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


@pytest.mark.parametrize("socket", [None, "clamd.ctl"], ids=["tcp", "unix"])
@pytest.mark.parametrize("octets", [MOST + 1, 30 * MOST])
async def test_a_file_above_the_limit_is_answered_though_clamd_closes_in_mid_stream(
    tmp_path: Path, socket: str | None, octets: int
) -> None:
    async with clamd(tmp_path / socket if socket else None) as address:
        asked = Clamd(address)
        assert await asked.look(b"x" * octets) == Unlooked(
            "too large for clamd (StreamMaxLength)", too_large=True
        )
        assert not asked.silent


@pytest.mark.parametrize("said", [b"Can't create temporary file ERROR", b"UNKNOWN COMMAND"])
async def test_another_answer_without_a_verdict_is_none_and_health_says_so(said: bytes) -> None:
    async with clamd(says=lambda _: said) as address:
        asked = Clamd(address)
        assert await asked.look(b"x") == Unlooked("clamd gave no verdict", away=True)
        assert isinstance(await asked.check(), Unwell), "it answers, but never with a verdict"


async def test_a_file_that_takes_clamd_too_long_is_no_silence_of_clamd(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door, "PATIENCE_SECONDS", 0.1)
    async with clamd(says=lambda content: b"" if content == b"slow" else b"stream: OK") as address:
        asked = Clamd(address)
        assert await asked.look(b"slow") == Unlooked(
            "clamd does not answer (TimeoutError)", away=True
        )
        assert await asked.look(b"x") == Clean()


async def test_whoever_gave_up_waiting_has_a_hung_clamd_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door, "PING_SECONDS", 0.1)
    sessions = 0

    async def listens(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sessions
        sessions += 1
        try:
            while await reader.read(1024):
                pass
        finally:
            writer.close()

    hung = await asyncio.start_server(listens, "127.0.0.1", 0)
    async with hung:
        asked = Clamd(f"127.0.0.1:{hung.sockets[0].getsockname()[1]}")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await asked.look(b"x")
        assert isinstance(await asked.look(b"x"), Unlooked)
        assert isinstance(await asked.look(b"x"), Unlooked)
    assert sessions == 2, "one file, one PING"


async def test_health_asks_and_does_not_wait_for_the_next_file(tmp_path: Path) -> None:
    socket = tmp_path / "clamd.ctl"
    asked = Clamd(str(socket))
    assert isinstance(await asked.check(), Unwell), "nobody is there, though no file came"
    await asked.look(b"x")
    async with clamd(socket):
        assert await asked.check() == Well(), "it is back"
        assert await asked.check() == Well()
