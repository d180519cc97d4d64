"""A Prometheus that looks at a running préfecture, and panels' queries as Grafana asks them."""

import asyncio
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml

from deploy.embedded.child import Child
from deploy.embedded.ports import free_port
from deploy.embedded.scraping import scrape_file
from tests.e2e.house import SOON, House

EVERY = "1s"


@dataclass(frozen=True)
class Prometheus:
    """Its HTTP API."""

    url: str

    async def get(self, path: str, **asked: str) -> Any:
        """The `data` of an answer; an error of the query is an error of the test."""
        return await asyncio.to_thread(self._get, path, asked)

    def _get(self, path: str, asked: Mapping[str, str]) -> Any:
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(asked)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  (our own server)
                said = json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                raise AssertionError(f"{asked}: {refused.read().decode()}") from refused
        assert said["status"] == "success", said
        return said["data"]

    async def ask(self, query: str) -> list[dict[str, Any]]:
        """The samples of an instant query."""
        found: list[dict[str, Any]] = (await self.get("query", query=query))["result"]
        return found

    async def values(self, query: str, *labels: str) -> dict[Any, float]:
        """Of each series its value, by these labels."""
        return {
            tuple(sample["metric"].get(label, "") for label in labels): float(sample["value"][1])
            for sample in await self.ask(query)
        }

    async def until(self, query: str, what: str) -> None:
        """Waits until a query has an answer."""
        deadline = time.monotonic() + SOON
        while not await self.ask(query):
            assert time.monotonic() < deadline, f"{what} did not come in {SOON:.0f} s"
            await asyncio.sleep(0.2)


@asynccontextmanager
async def prometheus(program: Path, house: House, folder: Path) -> AsyncIterator[Prometheus]:
    """Debian's Prometheus, scraping every process of the house each second, with our rules."""
    config = yaml.safe_load(scrape_file(house.run["health_ports"], "indre"))
    config["global"] = {"scrape_interval": EVERY, "evaluation_interval": EVERY}
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(config))
    address = f"127.0.0.1:{free_port()}"
    words = [
        program,
        f"--config.file={path}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
        "--log.level=warn",
    ]
    child = Child("Prometheus", words, folder / "prometheus.log")  # type: ignore[arg-type]  # typed by hand
    one = Prometheus(f"http://{address}")
    try:
        await asyncio.to_thread(child.wait_until, lambda: _answers(one.url), SOON)
        yield one
    finally:
        await asyncio.to_thread(child.stop)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/-/ready", timeout=1) as answer:  # noqa: S310  (ours)
            return bool(answer.status == HTTPStatus.OK)
    except OSError:
        return False


def as_grafana_asks(query: str, services: Sequence[str], since: datetime, until: datetime) -> str:
    """The query with the reader's choices (all) and the span in it."""
    channels = ("email", "form", "letter", "registered_letter", "hand_delivered")
    chosen = {
        "${service:sqlstring}": ",".join(f"'{service}'" for service in services),
        "${channel:sqlstring}": ",".join(f"'{channel}'" for channel in channels),
        "$site": "indre",
        "$service": f"({'|'.join(services)})",
        "$__timeFrom()": f"'{since.isoformat()}'",
        "$__timeTo()": f"'{until.isoformat()}'",
    }
    for name, value in chosen.items():
        query = query.replace(name, value)
    assert "$" not in query, query
    return query
