"""`portal serve` as an operator runs it: without Kafka, by its own role, and before its servers."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from deploy.embedded.ports import free_port
from tests.integration.portal.public_deposits import deposited
from tests.roles import one_transaction, under_role

PROJECT = Path(__file__).resolve().parents[3]
SAID = {
    "depot": "3f1e1a52-7a51-4f0e-9e51-0c5b6f0a3a11",
    "page": "/formulaire",
    "nature": "reclamation",
    "service": "bmi",
    "message": "Aucun rendez-vous depuis trois mois.",
    "nom": "Renée Dupont",
}


@asynccontextmanager
async def portal(**given: str) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """`portal serve` as an operator runs it, without Kafka: its pages, and its health."""
    doors = {"HTTP_PORT": free_port(), "HEALTH_PORT": free_port()}
    variables = {f"VAGUEMESTRE_{name}": str(word) for name, word in {**doors, **given}.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services", "portal", "serve"),
        cwd=PROJECT,
        env=os.environ | variables,
        stderr=asyncio.subprocess.DEVNULL,
    )
    pages, looks = (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=300)
        for port in doors.values()
    )
    try:
        async with pages, looks:
            yield pages, looks
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 300) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_while_it_starts_without_its_servers_it_says_so_in_french(tmp_path: Path) -> None:
    async with portal(
        DATABASE_URL="postgresql://nobody:hidden@127.0.0.1:1/letters",
        SPOOL=str(tmp_path / "spool"),
        START_WAIT="PT2M",
    ) as (pages, looks):
        read = await answered(pages)
        assert (read.status_code, read.headers["retry-after"]) == (503, "30")
        assert "Ce service redémarre" in read.text
        lost = await pages.post("/formulaire", data=SAID)
        assert lost.status_code == 503
        assert "Votre envoi n’est pas arrivé" in lost.text
        assert "waits for PostgreSQL" not in (await pages.get("/health")).text
        health = await looks.get("/health")
        assert health.status_code == 503
        assert "waits for PostgreSQL" in health.text
        assert (await looks.get("/live")).status_code == 200
        assert (await looks.get("/ready")).status_code == 503


@pytest.mark.usefixtures("live_site")
async def test_it_runs_by_its_own_role_and_without_any_kafka(
    postgres_url: str, tmp_path: Path
) -> None:
    spool_folder = tmp_path / "spool"
    url = under_role(postgres_url, "portal")
    async with portal(DATABASE_URL=url, SPOOL=str(spool_folder)) as (pages, looks):
        page = await answered(pages, but=503)
        assert "Une réclamation, une suggestion, une demande" in page.text
        assert (await pages.get("/")).headers["location"] == "/formulaire"
        home = {"origin": str(pages.base_url).rstrip("/")}
        sent = await pages.post("/formulaire", data=SAID, headers=home)
        assert (sent.status_code, len(deposited(tmp_path))) == (303, 1)
        assert (await pages.get("/connexion")).status_code == 404, "nothing of the register"
        health = await looks.get("/health")
        assert health.status_code == 200, health.text
        checks = {"database", "clock", "jobs", "rows", "room", "encryption", "spool", "sheets"}
        assert health.json()["checks"].keys() == checks
        assert "vaguemestre_portal_notes" in (await looks.get("/metrics")).text


@pytest.mark.usefixtures("live_site")
async def test_who_asks_while_it_restarts_waits_and_is_answered(
    postgres_url: str, tmp_path: Path
) -> None:
    """By the socket that systemd holds (deploy/systemd/vaguemestre-portal@.socket)."""
    variables = {
        "VAGUEMESTRE_DATABASE_URL": under_role(postgres_url, "portal"),
        "VAGUEMESTRE_SPOOL": str(tmp_path / "spool"),
        "VAGUEMESTRE_HTTP_PORT": str(free_port()),
        "VAGUEMESTRE_HEALTH_PORT": str(free_port()),
    }
    with socket.create_server(("127.0.0.1", 0)) as door:
        address = f"http://127.0.0.1:{door.getsockname()[1]}/formulaire"
        async with httpx.AsyncClient(timeout=300) as nobody_listens:
            for _ in range(2):
                asked = asyncio.create_task(nobody_listens.get(address))
                process = await behind(door, variables)
                try:
                    ended = asyncio.create_task(process.wait())
                    await asyncio.wait({asked, ended}, return_when=asyncio.FIRST_COMPLETED)
                    assert process.returncode is None
                    answer = await asked
                    assert answer.status_code == 200
                    assert "Une réclamation, une suggestion, une demande" in answer.text
                    process.send_signal(signal.SIGTERM)
                    assert await asyncio.wait_for(process.wait(), 300) == 0
                finally:
                    if process.returncode is None:
                        process.kill()
                        await process.wait()


async def test_behind_a_held_address_its_health_is_seen_while_it_waits_for_its_servers(
    tmp_path: Path,
) -> None:
    variables = {
        "VAGUEMESTRE_DATABASE_URL": "postgresql://nobody:hidden@127.0.0.1:1/letters",
        "VAGUEMESTRE_SPOOL": str(tmp_path / "spool"),
        "VAGUEMESTRE_HEALTH_PORT": str(free_port()),
        "VAGUEMESTRE_START_WAIT": "PT10M",
    }
    looks = f"http://127.0.0.1:{variables['VAGUEMESTRE_HEALTH_PORT']}"
    with socket.create_server(("127.0.0.1", 0)) as door:
        process = await behind(door, variables)
        try:
            address = f"http://127.0.0.1:{door.getsockname()[1]}/formulaire"
            async with httpx.AsyncClient(base_url=looks, timeout=300) as client:
                asked = asyncio.create_task(client.get(address))
                health = await answered(client, of="/health")
                assert not asked.done(), "it waits in the socket still"
                asked.cancel()
            assert health.status_code == 503
            assert "waits for PostgreSQL" in health.text
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 300) == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def test_two_held_addresses_are_refused_in_a_sentence(tmp_path: Path) -> None:
    variables = {
        "VAGUEMESTRE_DATABASE_URL": "postgresql://nobody:hidden@127.0.0.1:1/letters",
        "VAGUEMESTRE_SPOOL": str(tmp_path / "spool"),
        "VAGUEMESTRE_HEALTH_PORT": str(free_port()),
        "LISTEN_FDNAMES": "pages:pages",
    }
    with socket.create_server(("127.0.0.1", 0)) as door:
        process = await behind(door, variables, stderr=asyncio.subprocess.PIPE)
        _, said = await asyncio.wait_for(process.communicate(), 300)
    assert process.returncode == 1
    assert b"systemd holds several addresses of the pages" in said
    assert b"An unexpected error" not in said


async def behind(
    door: socket.socket, variables: Mapping[str, str], stderr: int = asyncio.subprocess.DEVNULL
) -> asyncio.subprocess.Process:
    """`portal serve` with its address held for it, as systemd does."""
    return await asyncio.create_subprocess_exec(
        *("bash", "-c", 'exec 3<&"$0"; export LISTEN_PID=$$; exec "$@"'),
        *(str(door.fileno()), sys.executable, "-m", "services", "portal", "serve"),
        cwd=PROJECT,
        env={**os.environ, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "pages", **variables},
        pass_fds=(door.fileno(),),
        stderr=stderr,
    )


async def test_before_the_database_is_migrated_it_says_what_to_run(
    postgres_url: str, tmp_path: Path
) -> None:
    async with one_transaction(postgres_url) as owner:
        await owner.execute("REVOKE USAGE ON SCHEMA site FROM vaguemestre_indre_portal")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services", "portal", "serve"),
        cwd=PROJECT,
        env=os.environ
        | {
            "VAGUEMESTRE_DATABASE_URL": under_role(postgres_url, "portal"),
            "VAGUEMESTRE_SPOOL": str(tmp_path / "spool"),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 300)
    assert process.returncode == 1
    assert b"run `vaguemestre migrate`" in said
    assert b"An unexpected error" not in said


async def answered(
    client: httpx.AsyncClient, but: int = 0, of: str = "/formulaire"
) -> httpx.Response:
    """What the form answers as soon as somebody listens; `but`: a status that is waited out.

    Who answers while the servers are awaited closes its connections when the portal takes over.
    """
    async with asyncio.timeout(300):
        while True:
            with suppress(httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError):
                answer = await client.get(of)
                if answer.status_code != but:
                    return answer
            await asyncio.sleep(0.05)
