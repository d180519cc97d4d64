"""An S3 server for tests: moto's, or the program `VERSITYGW` names; faults can be put before it.

moto comes as a wheel with a hash. versitygw is a server that people run; to build it takes two
minutes of the processor, so that who works on buckets builds it by hand (CONTRIBUTING.md):

    VERSITYGW=/path/to/versitygw pytest tests/contract/blobs
"""

import http.client
import os
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from deploy.embedded.ports import accepts_connections, free_port

BUCKET: Final = "originaux"
KEY: Final = "vaguemestre"
SECRET: Final = "a secret of the tests"
SERVERS: Final = ("moto", "versitygw") if "VERSITYGW" in os.environ else ("moto",)
_SECONDS: Final = 60
_OF_THE_HOP: Final = {"connection", "transfer-encoding", "keep-alive", "date", "server"}

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Fault = Callable[[Application, dict[str, Any], Callable[..., Any]], Iterable[bytes]]
"""What answers a request in the server's place; it may let the server have it first."""


def refuses(status: str, code: str) -> Fault:
    """Answers as S3 does that refuses; the server never sees the request."""

    def answer(_: Application, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        body = f"<Error><Code>{code}</Code><Message>{KEY} may not</Message></Error>".encode()
        start(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    return answer


def dies_after(
    server: Application, environ: dict[str, Any], start: Callable[..., Any]
) -> Iterable[bytes]:
    """Has the server do what is asked, and breaks off before the answer."""
    del start
    list(server(environ, lambda *_: None))
    raise ConnectionError


def cut(server: Application, environ: dict[str, Any], start: Callable[..., Any]) -> Iterator[bytes]:
    """Breaks off in the middle of the answer's body."""
    body = b"".join(server(environ, start))
    yield body[: len(body) // 2]
    raise ConnectionError


@dataclass
class BucketServer:
    """A running S3 server with one empty bucket, and the faults that it still has to show."""

    endpoint: str
    faults: deque[Fault] = field(default_factory=deque)
    """Each answers one request, the first of them the next one."""
    always: Fault | None = None
    """Answers all requests for which no other fault is left."""
    asked: list[str] = field(default_factory=list)
    """Method and path of each request."""

    def before(self, server: Application) -> Application:
        """Puts the faults before a server."""

        def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
            self.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
            fault = self.faults.popleft() if self.faults else self.always
            return server(environ, start) if fault is None else fault(server, environ, start)

        return answer


class _Handler(WSGIRequestHandler):
    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        """Closes the connection of whoever was to get no answer, or half of one."""
        del error, environ
        self.close_connection = True

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Says nothing of each request."""


@contextmanager
def bucket_server(name: str = "moto") -> Iterator[BucketServer]:
    """Runs an S3 server of this name on a port of this machine, until the end of the block."""
    with _moto() if name == "moto" else _versitygw() as server:
        found = BucketServer("")
        httpd = make_server(
            "127.0.0.1", 0, found.before(server), threaded=True, request_handler=_Handler
        )
        found.endpoint = f"http://127.0.0.1:{httpd.server_port}"
        thread = threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield found
        finally:
            httpd.shutdown()
            httpd.server_close()
            thread.join(_SECONDS)


@contextmanager
def _moto() -> Iterator[Application]:
    server = DomainDispatcherApplication(create_backend_app)
    _create(server, "/moto-api/reset", "POST")
    _create(server, f"/{BUCKET}", "PUT")
    yield server


def _create(server: Application, path: str, method: str) -> None:
    from werkzeug.test import Client  # noqa: PLC0415  (of this server alone)

    Client(server).open(path, method=method, base_url="http://127.0.0.1").close()


@contextmanager
def _versitygw() -> Iterator[Application]:
    with tempfile.TemporaryDirectory(prefix="bucket-", dir="/tmp") as name:
        (Path(name) / "data" / BUCKET).mkdir(parents=True)
        port = free_port()
        process = subprocess.Popen(  # noqa: S603  (what whoever runs the tests named)
            [os.environ["VERSITYGW"], "--port", f"127.0.0.1:{port}", "--quiet", "posix",
             f"{name}/data"],
            env={"ROOT_ACCESS_KEY": KEY, "ROOT_SECRET_KEY": SECRET},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            end = time.monotonic() + _SECONDS
            while not accepts_connections(port) and time.monotonic() < end:
                time.sleep(0.02)
            yield _through(port)
        finally:
            process.terminate()
            process.wait(_SECONDS)


def _through(port: int) -> Application:
    """Hands each request on to a server on this port, and its answer back."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
        sent = {
            name[5:].replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        sent |= {"Content-Length": environ.get("CONTENT_LENGTH") or "0"}
        if kind := environ.get("CONTENT_TYPE"):
            sent["Content-Type"] = kind
        body = environ["wsgi.input"].read(int(sent["Content-Length"]))
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
        connection.request(
            environ["REQUEST_METHOD"], environ["RAW_URI"].partition("?")[0] + query, body, sent
        )
        response = connection.getresponse()
        octets = response.read()
        connection.close()
        headers = [pair for pair in response.getheaders() if pair[0].lower() not in _OF_THE_HOP]
        start(f"{response.status} {response.reason}", headers)
        return [octets]

    return answer
