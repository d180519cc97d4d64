"""Two small services for the tests of the plumbing, as one process: run as a module.

The first takes what tests/plumbing_reader.py does; the second hears nothing, says in `sla.effects`
that it ended in good order, and breaks as soon as it sees the item `break` there.
"""

from functools import partial

from shared.errors import PermanentFailure
from shared.platform import joint_process
from shared.platform.backoff import pause_or
from shared.platform.joint_process import JointCommand
from shared.platform.service_life import Parts, ServiceCommand, ServiceContext
from shared.platform.settings import Settings, load
from tests.plumbing_reader import assemble


async def look(ground: ServiceContext) -> None:
    while not ground.stopping.is_set():
        if await ground.pool.fetchval("SELECT 1 FROM sla.effects WHERE item = 'break'"):
            raise PermanentFailure("It was asked to break.")
        await pause_or(ground.stopping, 0.05)
    await ground.pool.execute("INSERT INTO sla.effects (item, n) VALUES ('ended', 0)")


async def assemble_other(ground: ServiceContext) -> Parts:
    return Parts(tasks={"look": partial(look, ground)})


if __name__ == "__main__":
    settings = load(Settings)
    joint_process.run(
        JointCommand(
            "run",
            settings,
            (
                ServiceCommand("test reader", "sla", settings, assemble),
                ServiceCommand("other", "notify", settings, assemble_other),
            ),
        )
    )
