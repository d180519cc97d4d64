"""Nothing said in a transaction outlives it: a pooled connection goes back as it is.

Locks and settings of a session stay when its transaction has ended, and the next who takes the
connection from its pool would have them. Who needs them opens a connection alone.
"""

import re

from tests.architecture.test_anatomy import PROJECT, ours

STAYS = re.compile(
    r"""pg_(?:try_)?advisory_(?:lock|unlock)(?:_shared|_all)?\(
    |["';]\s*SET\s+(?!LOCAL\b|TRANSACTION\b)\w
    |["';\s](?:LISTEN|PREPARE|DECLARE\s+\w+\s+CURSOR\s+WITH\s+HOLD|CREATE\s+TEMP)\s
    |set_config\([^)]*,\s*false\)
    |\.add_listener\(""",
    re.VERBOSE,
)
ALONE = {
    "services/desk/evidence/verification/night.py": "connect_alone",
    "services/notify/sender_session.py": "connect_alone",
    "services/ops/blobs/move.py": "connect_alone of command.py",
    "services/ops/drill/side_place.py": "asyncpg.connect",
    "shared/platform/messaging/relay.py": "connect_alone",
    "shared/platform/notifications.py": "connect_alone",
    "shared/platform/postgres/migrate.py": "asyncpg.connect",
}
"""Modules that say what stays, and whose connection keeps it."""


def test_what_stays_with_a_session_is_said_on_a_connection_outside_the_pools() -> None:
    found = {
        path.relative_to(PROJECT).as_posix()
        for path in ours("services", "shared")
        if path.suffix == ".py" and STAYS.search(path.read_text())
    }
    assert found == ALONE.keys()


def test_what_is_looked_for_is_found() -> None:
    stays = (
        '"SELECT pg_advisory_lock($1)"',
        '"SELECT pg_try_advisory_lock_shared($1)"',
        '"SET statement_timeout = 0"',
        '"SET ROLE TO nobody"',
        '"SET SESSION lock_timeout TO 5;"',
        '"LISTEN news"',
        "SELECT set_config('work_mem', '1GB', false)",
        "connection.add_listener(CHANNEL, hear)",
    )
    ends = (
        '"SELECT pg_advisory_xact_lock($1)"',
        "\"SET LOCAL statement_timeout = '2s'\"",
        '"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"',
        "UPDATE desk.items SET state = 'open', seq = $1 WHERE item_id = $2",
        "SELECT set_config('work_mem', '1GB', true)",
    )
    assert [text for text in stays if not STAYS.search(text)] == []
    assert [text for text in ends if STAYS.search(text)] == []
