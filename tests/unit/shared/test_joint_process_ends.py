"""The end of a joint process whose database accepts and never answers."""

import asyncio
import signal
import sys
from typing import Final

from shared.platform.joint_process import JointHealth
from shared.platform.observability.health import Health, Unwell
from shared.platform.postgres import rows

PROGRAM: Final = """
import sys
from pydantic import SecretStr
from shared.platform import joint_process
from shared.platform.settings import Settings

url = SecretStr(f"postgresql://a:b@127.0.0.1:{sys.argv[1]}/x")
settings = Settings(database_url=url, kafka="127.0.0.1:1")
joint_process.run(joint_process.JointCommand("run", settings, ()))
"""


async def test_a_database_that_hangs_does_not_make_the_end_a_failure() -> None:
    came, gone = asyncio.Event(), asyncio.Event()

    async def says_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.set()
        await gone.wait()
        writer.close()

    server = await asyncio.start_server(says_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, str(port), stderr=asyncio.subprocess.PIPE
    )
    await asyncio.wait_for(came.wait(), 120)
    process.send_signal(signal.SIGTERM)
    _, said = await asyncio.wait_for(process.communicate(), 120)
    gone.set()
    server.close()
    assert (process.returncode, b"Traceback" in said) == (0, False), said


async def test_rows_that_can_not_be_read_are_said_once_and_of_no_service() -> None:
    async def unwell() -> Unwell:
        return Unwell("Rows can't be read: 1 of desk.facts.")

    joint = JointHealth("run", ("sla", "notify"))
    for name in joint.services:
        health = Health(name)
        health.add({rows.CHECK: unwell, "jobs": unwell})
        joint.services[name] = health
    assert sorted(await joint.states()) == ["notify: jobs", "rows", "sla: jobs"]
