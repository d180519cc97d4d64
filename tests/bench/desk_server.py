"""The pages of the bench in a process of their own: `… URL FOLDER PORT`."""

import asyncio
import sys
from pathlib import Path

import uvicorn
from pydantic import SecretStr

from shared.platform.clock import SystemClock
from shared.platform.database import open_pool
from shared.platform.process import collect_seldom
from tests.desk_browser import pages


async def serve(url: str, folder: Path, port: int) -> None:
    pool = await open_pool(SecretStr(url), "bench pages")
    served = pages(pool, SystemClock(), folder)
    served.prepare()
    collect_seldom()  # as the desk does
    config = uvicorn.Config(
        served.app, host="127.0.0.1", port=port, log_level="warning", access_log=False
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
