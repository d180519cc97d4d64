"""The bench of the door, small: each mail is kept, and it measures what it says."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.bench import ingest
from tests.dovecot import dovecot


async def test_the_bench_of_the_door_takes_each_mail_and_says_its_figures(
    postgres_url: str,
    kafka_address: str,
    needs_debian: Callable[[str], Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sizes = "--mails 60 --rounds 1 --grown 80 --singles 2 --seconds 300"
    o, kafka = ingest.options(sizes.split()), nullcontext(kafka_address)
    with dovecot(needs_debian("dovecot")) as server:
        said = await ingest.bench(postgres_url, tmp_path, server, kafka, o)
    assert said.goals == 4
    printed = capsys.readouterr().out
    for line in (
        "raw limit: IMAPClient fetches and throws away",
        "door: of the raw limit",
        "attached files, read apart: of 19 mails",
        "memory with the children, 80 mails",
        "one mail: EXISTS → Kafka, median",
    ):
        assert line in printed
