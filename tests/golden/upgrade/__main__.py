"""`python -m tests.golden.upgrade NAME`: what the programs of this version leave, as text.

Once for each release, under its number, before its migrations grow (docs/how-to/release.md). It is
read by tests/integration/shared/test_upgrade.py, never edited and never made again.
"""

import asyncio
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from deploy.embedded.postgres import PostgresServer
from shared.platform.clock import SystemClock
from shared.platform.postgres.migrate import migrate
from tests.golden.upgrade import written
from tests.golden.upgrade.filling import fill
from tests.memory import in_memory

HERE = Path(__file__).parent
NOW = datetime(2026, 6, 17, 4, tzinfo=UTC)
"""What stands where the real clock was asked."""


async def make(server: str, folder: Path) -> None:
    begun = SystemClock().now()
    connection = await asyncpg.connect(server)
    await connection.execute("CREATE DATABASE golden")
    await connection.close()
    url = urlsplit(server)._replace(path="/golden").geturl()
    connection = await asyncpg.connect(url)
    try:
        await migrate(connection, site="indre")
        await fill(url, folder / "blobs")
        for name, text in (await written.write(connection, begun, NOW)).items():
            (folder / name).write_text(text, encoding="utf-8")
    finally:
        await connection.close()


def main() -> None:
    """Writes the folder; refuses one that is there."""
    folder = HERE / sys.argv[1]
    folder.mkdir()
    with tempfile.TemporaryDirectory(prefix="vaguemestre-", dir=in_memory()) as data:
        server = PostgresServer(Path(data), durable=False)
        server.start()
        try:
            asyncio.run(make(server.url, folder))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
