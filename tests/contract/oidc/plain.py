"""An identity provider as most are: oidc-provider-mock, a process that answers JSON over HTTP."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from deploy.embedded.ports import free_port

PATIENCE = 300.0


@contextmanager
def running(*people: Mapping[str, Any]) -> Iterator[str]:
    """It knows these people by their `sub`; its address."""
    port = free_port()
    known = [word for person in people for word in ("--user-claims", json.dumps(person))]
    process = subprocess.Popen(  # noqa: S603  (our own argv)
        [
            *(sys.executable, "-W", "ignore", "-m", "oidc_provider_mock"),
            *("--port", str(port), *known),
        ],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        issuer = f"http://localhost:{port}"
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                httpx.get(f"{issuer}/.well-known/openid-configuration")
                break
            except httpx.TransportError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        yield issuer
    finally:
        process.kill()
        process.wait()
