"""The programs of another version, asked on a pipe: a line of JSON each way.

Run by path with the tree of that version as its only argument, so that everything but this file is
that version's own: its services, its migrations' readers and its tests.golden.upgrade.programs.
"""

import asyncio
import json
import sys
import traceback
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID


async def _nobody_hears(now: datetime) -> None:
    """What is told reaches processes of their own, by Kafka."""


async def _linked(programs: Any, item: Any) -> str | None:
    """Why an item is linked to another, as its page is made of it."""
    from services.desk.store.sheets import sheet  # noqa: PLC0415  (of the other version)

    async with programs.pools["desk"].acquire() as connection:
        linked = (await sheet(connection, item)).linked
    return None if linked is None else linked.why.value


async def main() -> None:  # noqa: C901  (a case for each question)
    """Answers every line until there is none left."""
    from shared.facts.envelope import ItemId, Topic  # noqa: PLC0415  (of the other version)
    from shared.facts.vocabulary import Channel  # noqa: PLC0415  (of the other version)
    from tests.golden.upgrade.programs import opened  # noqa: PLC0415  (of the other version)

    loop = asyncio.get_running_loop()

    async def asked() -> Any:
        line = await loop.run_in_executor(None, sys.stdin.readline)
        return json.loads(line) if line else None

    begun = await asked()
    async with opened(begun["url"], Path(begun["blobs"])) as programs:
        print(json.dumps({"ok": None}), flush=True)  # noqa: T201  (the pipe)
        while (said := await asked()) is not None:
            now = datetime.fromisoformat(said["now"])
            try:
                found: Any = None
                match said["do"]:
                    case "arrives":
                        channel = Channel(said["channel"])
                        found = str(await programs.arrives(said["name"], now, channel))
                    case "kept":
                        channel = Channel(said["channel"])
                        found = str(await programs.kept(said["name"], now, channel))
                    case "replies":
                        await programs.replies(ItemId(UUID(said["item"])), now)
                    case "linked":
                        found = await _linked(programs, UUID(said["item"]))
                    case "apart":
                        programs.passes = _nobody_hears  # type: ignore[method-assign]  # Kafka carries it
                    case "hears":
                        await programs.hears(Topic(said["topic"]), said["payloads"], now)
                    case _:
                        await programs.passes(now)
            except Exception:  # noqa: BLE001  (told to whoever asked)
                print(json.dumps({"failed": traceback.format_exc()}), flush=True)  # noqa: T201  (as above)
            else:
                print(json.dumps({"ok": found}), flush=True)  # noqa: T201  (as above)


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    asyncio.run(main())
