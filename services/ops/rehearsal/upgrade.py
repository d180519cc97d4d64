"""Before an upgrade migrates: what the rehearsals of this release found.

A date that moves without a declaration is one that nobody meant to move. It was seen by
`vaguemestre rehearse --release WHEEL --keep …` of the release before, whose number an operator
gives; without a number the last one of this release counts.
"""

from services.desk.domain.rehearsals import KeptRehearsal
from services.desk.store import rehearsals
from services.ops.rehearsal.child import release
from shared.errors import Refused
from shared.platform.database import Connection

EXISTS = "SELECT to_regclass('desk.rehearsals') IS NOT NULL"


async def refuse_undeclared(connection: Connection, number: int | None) -> None:
    """Raises Refused for an upgrade to a release that changes outcomes without declaring it.

    `number`: the kept rehearsal's; refused too if it is not kept, or of another release.
    `None`: the release's last, and with none kept nothing is checked.
    """
    kept = await _kept(connection, number)
    if kept is None:
        return
    if kept.what.undeclared:
        raise Refused(
            f"Release {kept.what.release} counts {kept.what.undeclared} points otherwise that it "
            f"does not declare (rehearsal {kept.number}, page /regles/repetition/{kept.number}): "
            "nothing was migrated. Report it, and rehearse a release that declares or mends it."
        )


async def _kept(connection: Connection, number: int | None) -> KeptRehearsal | None:
    if not await connection.fetchval(EXISTS):
        if number is None:
            return None
        raise Refused("This database keeps no rehearsals yet: migrate without --rehearsal.")
    if number is None:
        return await rehearsals.of_release(connection, release())
    kept = await rehearsals.read_rehearsal(connection, number)
    if kept is None or kept.what.release != release():
        raise Refused(
            f"Rehearsal {number} is none of release {release()}, which would migrate: rehearse its "
            "wheel with the program that runs (`vaguemestre rehearse --release WHEEL --keep …`)."
        )
    return kept
