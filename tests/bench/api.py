"""How fast the API is, beside its bare questions and the same page's: `make bench WHAT=api`.

- An answer is compared with its own questions, asked bare and written as JSON: what is recorded of
  it is replayed without key, rights or document.
- A list and an item are asked of the pages too, in turns with the API's: 95 in 100 of a program's
  answers take no longer than a person's, by a fifth at most.

The size of the register and the number of questions are options; a small case runs in seconds.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

from pydantic import SecretStr

from services.desk.accounts.store import sessions
from services.desk.api.domain.keys import MOST_PER_MINUTE, KeyScope
from services.desk.api.key_service import KeyService, KeyWish
from services.desk.store.access_journal import JournalLine, What
from shared.facts.envelope import PersonId
from shared.platform.clock import SystemClock
from shared.platform.database import Pool, open_pool, transaction
from shared.site import store
from shared.site.staff import people_store
from tests.bench.desk_measures import asking, bare, p95, recorded, timed
from tests.bench.desk_register import LIVE, fill, questions
from tests.bench.said import Said, run
from tests.desk_browser import pages
from tests.desk_builders import DAYS, a_site, some_people

SHARE: Final = 3.0
"""Times the bare time of its questions that an answer may take."""
PAGE: Final = 1.2
"""Times the time of the same page."""


async def keys(pool: Pool) -> tuple[str, str]:
    """A session of the mail office, and the token of a key that may know as much."""
    now = SystemClock().now()
    async with transaction(pool) as connection:
        await store.keep(connection, a_site(), DAYS, "q", "bench", LIVE)
        await store.go_live(connection, LIVE, "q", "bench", LIVE)
        await people_store.import_people(connection, some_people(), "q", LIVE)
        session = await sessions.begin(connection, PersonId("c.head"), "local")
        line = JournalLine(now, What.KEY_GIVEN, None, None, "bench")
        wish = KeyWish(
            "bench", frozenset({KeyScope.ITEMS}), None, MOST_PER_MINUTE, now + timedelta(days=1)
        )
        service = KeyService(connection, "account:local", line)
        _, token = await service.give(wish, a_site(), now, uuid4())
    return session, token


def asked(items: int, number: int) -> dict[str, list[tuple[str, str]]]:
    """What both are asked, by kind: the page's address, and the API's."""
    shown = questions(items, number)
    return {
        "list": [(url, f"/api/v1/items?service={_last(url)}") for url in shown["list"]],
        "item": [(url, f"/api/v1/items/{_last(url)}") for url in shown["item"]],
    }


def _last(url: str) -> str:
    """The service or the number that an address of a page ends with."""
    return url.replace("=", "/").rpartition("/")[2]


async def bench(url: str, folder: Path, o: argparse.Namespace) -> Said:
    """Everything, on an empty migrated database."""
    said, pool = Said(), await open_pool(SecretStr(url), "bench")
    session, token = await keys(pool)
    await fill(pool, 0, o.items)
    app = pages(pool, SystemClock(), folder).app
    person, program = asking(app, session), asking(app, session, key=token)
    for name, both in asked(o.items, o.asks).items():
        addresses = [address for _, address in both]
        for page, address in both[: o.asks // 4 + 1]:  # what a first visitor pays is not measured
            await person(page)
            await program(address)
        queries = await recorded(url, folder, session, addresses, key=token)
        times, plain, shown = list[float](), list[float](), list[float]()
        for (page, address), wanted in zip(both, queries, strict=True):  # neighbours hinder all
            start = time.perf_counter()
            status, _ = await program(address)
            times.append(time.perf_counter() - start)
            if status != 200:
                raise SystemExit(f"{address}: {status}")
            shown += await timed([lambda page=page: person(page)])  # type: ignore[misc]  # asked where it stands
            plain += await timed([lambda wanted=wanted: bare(pool, wanted)])  # type: ignore[misc]  # as above
        share = statistics.median(times) / statistics.median(plain)
        said.goal(f"{name}, {o.items:,} items: median against bare SQL and JSON",
                  share, SHARE, "times")  # fmt: skip
        said.goal(f"{name}, {o.items:,} items: 95 in 100 against the page's",
                  p95(times) / p95(shown), PAGE, "times")  # fmt: skip
        said.fact(f"{name}, {o.items:,} items: 95 in 100", p95(times), "ms")
    await pool.close()
    return said


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The sizes of a run."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.api")
    parser.add_argument("--items", type=int, default=100_000, help="items of the register")
    parser.add_argument("--asks", type=int, default=300, help="times that each is asked")
    return parser.parse_args(words)


def main() -> None:
    """Runs the bench on a database of its own."""
    o = options()
    run(lambda url, folder: bench(url, folder, o))


if __name__ == "__main__":
    main()
