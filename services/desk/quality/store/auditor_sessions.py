"""Questions about auditors' sessions on site: what their facts say, and who they are."""

from collections.abc import Iterable, Mapping
from typing import Final, get_args
from zoneinfo import ZoneInfo

from services.desk.quality.domain.auditor_sessions import AuditorSession
from services.desk.quality.domain.auditor_sessions import sessions as folded
from services.desk.quality.store import texts
from services.desk.store import quality
from shared.facts.quality import DrawMade
from shared.facts.quality.auditors import Auditor
from shared.platform.database import Connection

KINDS: Final = (*get_args(Auditor), DrawMade)
ERASED: Final = "(nom effacé)"


async def sessions(connection: Connection, zone: ZoneInfo) -> Mapping[int, AuditorSession]:
    """Reads every auditor's access by number; facts that can't be read are left out."""
    return folded(await quality.of_kinds(connection, KINDS), zone)


async def unreadable(connection: Connection) -> int:
    """Counts the facts of auditors' accesses and draws that can't be read."""
    told = await quality.of_kinds(connection, KINDS)
    return await quality.count_of_kinds(connection, KINDS) - len(told)


async def names(
    connection: Connection, sessions: Iterable[AuditorSession]
) -> Mapping[int, tuple[str, str]]:
    """Reads auditors' names and organisations, by the number of their access."""
    wanted = {found.number: (found.invited.subject_id, found.invited.sha256) for found in sessions}
    known = await texts.texts(connection, set(wanted.values()))
    return {number: _who(known.get(key, ERASED)) for number, key in wanted.items()}


def _who(text: str) -> tuple[str, str]:
    name, _, organisation = text.partition("\n")
    return name, organisation
