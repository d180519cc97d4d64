"""Commands of one program may share a connection; one that is typed alone has its own."""

from datetime import timedelta

from pydantic import SecretStr

from shared.platform import command_loop
from shared.platform.command_loop import command_pool, kept_open

WAIT = timedelta(minutes=1)


def backend(url: str) -> int:
    """The process of PostgreSQL that answers a command."""

    async def ask() -> int:
        async with command_pool(SecretStr(url), "tests", size=1, wait=WAIT) as pool:
            return int(await pool.fetchval("SELECT pg_backend_pid()"))

    return command_loop.run(ask())


def test_commands_within_one_block_share_a_connection(postgres_url: str) -> None:
    with kept_open():
        first = backend(postgres_url)
        assert [backend(postgres_url) for _ in range(3)] == [first] * 3
    alone = [backend(postgres_url), backend(postgres_url)]
    assert len({first, *alone}) == 3
