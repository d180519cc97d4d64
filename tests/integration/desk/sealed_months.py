"""Databases and folders of one test each with a closed and sealed month, which is made once."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from pydantic import SecretStr

from services.sla.rulebook import Editions
from shared.content.blobs import LocalBlobs
from shared.platform.database import open_pool
from tests.clones import Clones
from tests.integration.desk.proven import Proven, a_month
from tests.roles import under_role


class SealedMonths:
    """The month of `proven.py`: lived when a test first asks for it, and copied for each."""

    def __init__(self, clones: Clones, server: str, folder: Path) -> None:
        self._clones = clones
        self._server = server
        self._folder = folder
        self._lived: Proven | None = None
        self._copies: Clones | None = None

    @asynccontextmanager
    async def database(self) -> AsyncIterator[str]:
        """The superuser's URL of a database in which the month has passed, dropped afterwards."""
        if self._copies is None:
            name, url = await self._clones.template()
            self._lived = await a_month(url, self._folder)
            await self._lived.close()
            self._copies = Clones(self._server, name)
        async with self._copies.one() as url:
            yield url

    @asynccontextmanager
    async def opened(self, url: str, folder: Path) -> AsyncIterator[Proven]:
        """The register and sla of such a database, with a copy of its blobs in `folder`."""
        assert self._lived is not None, "its database comes first"
        await asyncio.to_thread(shutil.copytree, self._folder, folder)
        desk = await open_pool(SecretStr(under_role(url, "desk")), "tests", size=4)
        sla = await open_pool(SecretStr(under_role(url, "sla")), "tests", size=2)
        blobs, fresh = LocalBlobs(folder), Editions()
        one = replace(
            self._lived, url=url, desk=desk, sla=sla, blobs=blobs, folder=folder, editions=fresh
        )
        yield one
        await one.close()

    async def end(self) -> None:
        """Ends with the copy that is being made ahead."""
        if self._copies is not None:
            await self._copies.end()
