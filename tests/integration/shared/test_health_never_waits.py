"""Each service says how it stands at once, whatever is locked, and while PostgreSQL is frozen."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextvars import Context
from pathlib import Path

import pytest
from pydantic import SecretStr

from deploy.embedded.postgres import PostgresServer
from services.desk import app as desk
from services.desk import page_process
from services.desk.settings import DeskSettings
from services.ingest import app as ingest
from services.ingest.settings import IngestSettings
from services.notify import app as notify
from services.notify.settings import NotifySettings
from services.ops.replanner import make_replanning
from services.portal import app as portal
from services.portal.settings import PortalSettings
from services.sla import app as sla
from services.sla.settings import SlaSettings
from shared.platform import database
from shared.platform.clock import SystemClock
from shared.platform.database import open_glances, open_pool
from shared.platform.jobs import Jobs
from shared.platform.observability import health as health_module
from shared.platform.observability.health import Health, State, Unwell
from shared.platform.observability.telemetry import Telemetry
from shared.platform.process_health import ProcessVitals
from shared.platform.service_life import ServiceCommand, ServiceContext
from shared.platform.settings import load
from tests.code_keys import SECRET
from tests.roles import one_transaction, under_role

Eventually = Callable[..., Awaitable[None]]

pytestmark = pytest.mark.usefixtures("live_site")

SERVICES: Mapping[str, tuple[str, Callable[[], ServiceCommand]]] = {
    "ingest": ("ingest", lambda: ingest.create_app(load(IngestSettings))),
    "desk keep": ("desk", lambda: desk.create_keep(load(DeskSettings), make_replanning())),
    "desk serve": ("web", lambda: page_process.create_serve(load(DeskSettings))),
    "sla": ("sla", lambda: sla.create_app(load(SlaSettings))),
    "notify": ("notify", lambda: notify.create_app(load(NotifySettings))),
    "portal": ("public", lambda: portal.create_serve(load(PortalSettings))),
}
"""Every process that has tables to read: its role, and what makes it."""
SENDS = "desk serve"
"""The process that shares no disk with ingest here."""
READERS: Mapping[str, AbstractSet[str]] = {"sla": {"rules", "brake"}}
"""The checks that ask for rows: behind a lock that shuts readers out they say so at once."""
IDLE: Mapping[str, Sequence[str]] = {"ingest": ["source spool"]}
"""The checks of what nobody has begun: no task of the service runs here."""
TABLES = """
    SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE schemaname IN ('site', 'ingest', 'desk', 'sla', 'notify')
"""
AT_MOST = 30.0
"""Three to five seconds on a machine that has nothing else to do; what waits takes far longer."""


@pytest.fixture(params=SERVICES)
def service(
    request: pytest.FixtureRequest,
    postgres_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> ServiceCommand:
    role, made = SERVICES[request.param]
    variables = {
        "VAGUEMESTRE_DATABASE_URL": under_role(postgres_url, role),
        "VAGUEMESTRE_KAFKA": "127.0.0.1:1",
        "VAGUEMESTRE_BLOBS": str(tmp_path / "blobs"),
        "VAGUEMESTRE_SPOOL": str(tmp_path / "spool"),
        "VAGUEMESTRE_SECRET": SECRET,
        "VAGUEMESTRE_SMTP_HOST": "127.0.0.1",
        "VAGUEMESTRE_FREE_FLOOR": "0",
    }
    if request.param == SENDS:
        variables |= {
            "VAGUEMESTRE_DEPOSITS_URL": "http://127.0.0.1:1",
            "VAGUEMESTRE_DEPOSITS_SECRET": "d" * 32,
        }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for folder in ("blobs", "spool"):
        (tmp_path / folder).mkdir()
    return made()


@pytest.fixture
async def telemetry() -> AsyncIterator[Telemetry]:
    made = Telemetry("tests", site="indre")
    yield made
    await made.close()


@pytest.fixture
async def health(service: ServiceCommand, telemetry: Telemetry) -> AsyncIterator[Health]:
    """What the process answers for itself and for its database; Kafka is not asked here."""
    url: SecretStr = service.settings.database_url
    pool, glances = await open_pool(url, "tests"), await open_glances(url, "tests")
    clock, stopping = SystemClock(), asyncio.Event()
    parts = await service.assemble(
        ServiceContext(pool, glances, clock, telemetry, service, stopping)
    )
    vitals, made = ProcessVitals(pool, clock, Jobs(stopping)), Health(service.name)
    vitals.measure(telemetry, made)
    made.add({**vitals.checks(), **parts.checks})
    yield made
    await glances.close()
    await pool.close()


async def states_under(url: str, mode: str, health: Health) -> Mapping[str, State]:
    """What it answers while somebody has locked every table."""
    async with one_transaction(url) as owner:
        names = [row["name"] for row in await owner.fetch(TABLES)]
        await owner.execute(f"LOCK TABLE {', '.join(names)} IN {mode} MODE")
        # In a context of its own: the connection that holds the locks is not the service's.
        return await asyncio.create_task(health.states(), context=Context())


def unwell(states: Mapping[str, State]) -> list[str]:
    return [name for name, state in states.items() if isinstance(state, Unwell)]


async def test_health_waits_for_no_lock(
    service: ServiceCommand, health: Health, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever would wait says that there was no answer, after `AT_MOST`."""
    monkeypatch.setattr(health_module, "CHECK_SECONDS", AT_MOST)
    locked_away = await states_under(postgres_url, "ACCESS EXCLUSIVE", health)
    away = Unwell("PostgreSQL is away or asks to try again (LockNotAvailableError).")
    readers = {name for name, state in locked_away.items() if state == away}
    assert readers == READERS.get(service.name, set())
    assert ("deposits" in locked_away) == (service.name == SENDS)
    idle = IDLE.get(service.name, [])
    assert [name for name in unwell(locked_away) if name not in readers] == idle
    assert unwell(await states_under(postgres_url, "EXCLUSIVE", health)) == idle
    assert unwell(await health.states()) == idle


@pytest.mark.parametrize("service", ["sla"], indirect=True)
async def test_a_frozen_postgresql_keeps_neither_health_nor_figures_waiting(
    health: Health,
    telemetry: Telemetry,
    postgres_server: PostgresServer,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As long as a transaction that is cut short waits to give its connection back.
    monkeypatch.setattr(database, "CONNECT_SECONDS", 10 * AT_MOST)

    async def failing() -> list[str]:
        return unwell(await health.states())

    assert await failing() == []
    await telemetry.exposition()
    postgres_server.pause()
    try:
        async with asyncio.timeout(AT_MOST):
            states, (text, _) = await asyncio.gather(health.states(), telemetry.exposition())
    finally:
        postgres_server.resume()
    assert unwell(states) == ["database", "rules", "brake"]
    assert 'vaguemestre_well{check="rules",site="indre"} 0.0' in text.decode()
    await eventually(failing, [])
