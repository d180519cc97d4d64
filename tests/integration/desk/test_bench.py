"""The bench of the desk, small: it measures what it says, and every answer in it is right."""

from pathlib import Path

import pytest

from tests.bench import api, webhooks
from tests.bench.desk import bench, options


async def test_the_bench_measures_pages_registering_and_growth(
    postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = "--small 200 --large 400 --asks 11 --arrivals 200 --people 0"
    said = await bench(postgres_url, tmp_path, options(sizes.split()))
    assert said.goals == 18
    printed = capsys.readouterr().out
    for line in (
        "registering: part of its rows copied in unjudged",
        "list, 400 items: median against its bare questions",
        "item, 400 items: server time, 95 in 100",
        "search: 2 times as many items take",
        "queue, no such rule, 200 items: median against its bare questions",
    ):
        assert line in printed


async def test_the_bench_of_the_api_measures_lists_and_items_beside_their_pages(
    postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = await api.bench(postgres_url, tmp_path, api.options(["--items", "200", "--asks", "12"]))
    assert said.goals == 4
    printed = capsys.readouterr().out
    for line in (
        "list, 200 items: median against bare SQL and JSON",
        "item, 200 items: 95 in 100 against the page's",
    ):
        assert line in printed


async def test_the_bench_of_webhooks_tells_every_item(
    postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = webhooks.options(["--items", "20", "--appends", "2"])
    said = await webhooks.bench(postgres_url, tmp_path, sizes)
    assert said.goals == 1
    assert "told a second, as part of bare httpx" in capsys.readouterr().out
