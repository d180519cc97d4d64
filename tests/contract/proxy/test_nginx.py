"""The proxies of the guide, as nginx runs them, before an application that says what reached it."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from deploy.embedded.ports import accepts_connections, free_port
from shared.platform import http
from tests.architecture.test_anatomy import PROJECT
from tests.certificates import self_signed

EXAMPLE = PROJECT / "deploy/nginx/vaguemestre.conf"
PORTAL, DESK = "ecrire.prefecture.example", "courrier.prefecture.example"
MEGABYTE = 1_000_000


class Behind:
    """What stands behind both servers: news that never end, and an echo of what it was told."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def __call__(self, scope: http.Scope, receive: http.Receive, send: http.Send) -> None:
        if scope["path"].startswith("/agenda/"):
            too_big = [(b"x-filler", b"x" * 60_000)]  # no answer for nginx, which logs that
            await send({"type": "http.response.start", "status": 200, "headers": too_big})
            await send({"type": "http.response.body", "body": b""})
            return
        is_news = scope["path"] == "/nouvelles"
        kind = b"text/event-stream" if is_news else b"application/json"
        start = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]}
        if is_news:
            await send(start)
            body = {"type": "http.response.body", "body": b"data: one\n\n", "more_body": True}
            await send(body)
            await self.ended.wait()
            await send({"type": "http.response.body", "body": b""})
            return
        size = 0
        while True:
            message = await receive()
            size += len(message.get("body", b""))
            if not message.get("more_body"):
                break
        told = {name.decode(): value.decode() for name, value in scope["headers"]}
        said = f"{size} {told['host']} {told['x-forwarded-for']} {told['x-forwarded-proto']}"
        await send(start)
        await send({"type": "http.response.body", "body": said.encode()})


@pytest.fixture
async def proxy(tmp_path: Path) -> AsyncIterator[int]:
    """The example with names of files and ports of this test; the port of https."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    assert nginx is not None, "nginx is missing: deploy/system-packages.sh"
    behind = Behind()
    door = http.bind("127.0.0.1", 0)
    secure, plain = free_port(), free_port()
    for name in ("ecrire", "courrier"):
        self_signed(tmp_path / f"{name}.pem", tmp_path / f"{name}.key", PORTAL, DESK)
    for page in (PROJECT / "deploy/nginx").glob("*.html"):
        shutil.copy(page, tmp_path)
    text = EXAMPLE.read_text(encoding="utf-8")
    for ours, here in {
        "listen [::]": "# listen [::]",
        "listen 443": f"listen 127.0.0.1:{secure}",
        "listen 80": f"listen 127.0.0.1:{plain}",
        "127.0.0.1:8001": "127.0.0.1:1",  # nobody: the portal is away
        "127.0.0.1:8000": "{}:{}".format(*door.getsockname()),
        "/etc/nginx/vaguemestre": str(tmp_path),
        "/var/log/nginx": str(tmp_path),
        "rate=30r/s": "rate=1r/m",  # however slowly they come, those after the burst are too many
    }.items():
        assert ours in text
        text = text.replace(ours, here)
    places = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = tmp_path / "nginx.conf"
    user = "user root; " if os.geteuid() == 0 else ""  # else its worker may not write here
    conf.write_text(
        f"{user}daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;"
        f" worker_processes 1; events {{}}\nhttp {{ {places}\n{text}\n}}\n"
    )
    words = [nginx, "-c", str(conf), "-e", str(tmp_path / "error.log")]
    tried = await asyncio.to_thread(
        subprocess.run, [*words, "-t"], capture_output=True, text=True, check=False
    )
    assert tried.returncode == 0, tried.stderr
    assert "warn" not in tried.stderr
    async with http.serving(door, behind):
        running = subprocess.Popen(words)  # noqa: ASYNC220, S603  (ended below)
        try:
            while not accepts_connections(secure):
                assert running.poll() is None
                await asyncio.sleep(0.05)
            yield secure
        finally:
            behind.ended.set()
            running.terminate()
            await asyncio.to_thread(running.wait)


def asked(port: int, name: str) -> httpx.AsyncClient:
    """A client of one of the two names, which the certificate also has."""
    return httpx.AsyncClient(
        base_url=f"https://127.0.0.1:{port}",
        headers={"host": name},
        verify=False,  # noqa: S501  (of this machine)
        timeout=60,
        limits=httpx.Limits(max_connections=90),
    )


async def test_the_proxies_of_the_guide_let_through_what_they_should_and_nothing_else(
    proxy: int,
) -> None:
    async with asked(proxy, DESK) as desk, asked(proxy, PORTAL) as portal:
        async with desk.stream("GET", "/nouvelles") as news:
            lines = news.aiter_lines()
            assert await anext(lines) == "data: one", "it came before the answer ended"
        pretended = {"x-forwarded-for": "203.0.113.9"}
        taken = await desk.post("/bureau", content=b"x" * 32 * MEGABYTE, headers=pretended)
        assert taken.text == f"{32 * MEGABYTE} {DESK} 127.0.0.1 https"
        too_much = await desk.post("/bureau", content=b"x" * 70 * MEGABYTE)
        assert too_much.status_code == 413
        for path in ("/metrics", "/health", "/live", "/ready"):
            assert (await desk.get(path)).status_code == 404
            assert (await portal.get(path)).status_code == 404
        away = await portal.get("/formulaire")
        assert away.status_code == 502
        assert "appelez l’accueil de la préfecture" in away.text
        assert "max-age" in away.headers["strict-transport-security"]


async def test_one_address_may_be_a_whole_prefecture_and_the_public_is_told_to_wait(
    proxy: int,
) -> None:
    async with asked(proxy, DESK) as desk, AsyncExitStack() as open_pages:
        for _ in range(80):
            news = await open_pages.enter_async_context(desk.stream("GET", "/nouvelles"))
            assert news.status_code == 200
    async with asked(proxy, PORTAL) as portal:
        answers = await asyncio.gather(*(portal.get("/formulaire") for _ in range(140)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert "Attendez une minute" in refused[0].text
    assert sum(answer.status_code == 502 for answer in answers) >= 120, "as many as one address has"


@pytest.mark.parametrize(
    "path",
    [
        "/versement/36-2029-V-0001/paquet.zip",
        "/courrier/36-2026-A-000001/5f0c4a52-0d0f-5d6c-9e0a-2b1f6a3c7d11/copie",
    ],
)
def test_what_is_made_while_somebody_waits_is_waited_for(path: str) -> None:
    places = re.findall(r"location ~ (\S+) \{([^}]*)\}", EXAMPLE.read_text(encoding="utf-8"))
    (told,) = [told for pattern, told in places if re.search(pattern, path)]
    assert "proxy_read_timeout 15m;" in told
    assert "proxy_pass http://vaguemestre_desk;" in told


SECRET = "Zx9-an-address-that-opens-what-it-names"


def logs_of(folder: Path) -> Mapping[str, str]:
    """What nginx wrote into each log of a folder."""
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.log")}


async def test_no_log_has_an_address_that_is_a_secret_not_even_when_what_stands_behind_fails(
    proxy: int, tmp_path: Path
) -> None:
    async with asked(proxy, DESK) as desk, asked(proxy, PORTAL) as portal:
        failed = await desk.get(f"/agenda/{SECRET}.ics")
        away = await portal.get(f"/suivi/{SECRET}")
    assert (failed.status_code, away.status_code) == (502, 502)
    logs = logs_of(tmp_path)
    assert {"error.log", "vaguemestre-desk.log", "vaguemestre-portal.log"} <= set(logs)
    assert " GET 502 " in logs["vaguemestre-portal.log"]
    assert [name for name, text in logs.items() if SECRET in text] == []
