"""People at work, for locust: lists, items, searches, the queue; three seconds of thought each."""

import os
import random

from locust import HttpUser, between, task

from tests.bench.desk_register import questions

ASKED = questions(int(os.environ["BENCH_ITEMS"]), 500) | {"queue": ["/bureau/file"]}


class Clerk(HttpUser):
    """Somebody of the mail office."""

    wait_time = between(1, 5)  # the same for all, they would click in step for ever

    def on_start(self) -> None:
        """Signed in already; nobody clicks at the instant at which all others come."""
        self.client.cookies.set("desk", os.environ["BENCH_TOKEN"])
        self.wait()  # type: ignore[no-untyped-call]  # locust types none of its own

    @task(4)
    def works(self) -> None:
        """From a list."""
        self._ask("list")

    @task(4)
    def reads(self) -> None:
        """An item."""
        self._ask("item")

    @task(2)
    def looks(self) -> None:
        """For one."""
        self._ask("search")

    @task(2)
    def sorts(self) -> None:
        """What waits to be qualified, as a list."""
        self._ask("queue")

    def _ask(self, what: str) -> None:
        url = random.choice(ASKED[what])  # noqa: S311  (a bench keeps no secret)
        self.client.get(url, name=what, allow_redirects=False)
