"""Senders alone in a process, so that a test can kill them at a moment of its choosing."""

import asyncio
import os
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from shared.content.blobs import LocalBlobs
from shared.platform.database import open_pool
from shared.site.applied_rules import applied_rules
from tests.contract.smtp.sink import Sink
from tests.integration.notify.conftest import House, Moment


async def main() -> None:
    url = SecretStr(os.environ["TEST_DATABASE"])
    pool = await open_pool(url, "one sender")
    host, _, port = os.environ["TEST_SMTP"].partition(":")
    house = House(
        pool,
        url,
        await applied_rules(pool),
        Moment(datetime.fromisoformat(os.environ["TEST_NOW"])),
        LocalBlobs(Path(os.environ["TEST_BLOBS"])),
        Sink(host, int(port)),
    )
    async with AsyncExitStack() as stack:
        for _ in range(int(os.environ.get("TEST_CONNECTIONS", "1"))):
            await stack.enter_async_context(house.sending())
        await asyncio.Event().wait()


asyncio.run(main())
