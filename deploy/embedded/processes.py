"""The processes of a préfecture on one machine: the table that `vaguemestre up` runs."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from deploy.embedded.addresses import DOOR, Addresses
from deploy.embedded.data_folder import kept_port
from deploy.embedded.errors import PortBusyError
from deploy.embedded.ports import claim
from services.portal.settings import PortalSettings
from shared.content.keyring import Keyring
from shared.platform import secret_files
from shared.platform.settings import PREFIX
from shared.web.guards import is_loopback

_HTTP_PORT = "VAGUEMESTRE_HTTP_PORT"
_HEALTH_PORT = "VAGUEMESTRE_HEALTH_PORT"
_INSTANCE = "VAGUEMESTRE_INSTANCE"
_HTTP_HOST = "VAGUEMESTRE_HTTP_HOST"
_DESK_URL = "VAGUEMESTRE_DESK_URL"
_PORTAL_URL = "VAGUEMESTRE_PORTAL_URL"
_DATABASE_URL = "VAGUEMESTRE_DATABASE_URL"
_KEYRING, _ENCRYPTION_KEY = "VAGUEMESTRE_KEYRING", "VAGUEMESTRE_ENCRYPTION_KEY"
_PASSWORD = f"{PREFIX}PASSWORD_"
"""How the variables of the mailboxes' passwords begin."""
_OF_THE_PORTAL = frozenset(f"{PREFIX}{name.upper()}" for name in PortalSettings.model_fields)
"""All that the portal is told: no secret of the site, no originals, no Kafka."""
_OF_THE_MACHINE = re.compile(
    r"PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|VIRTUAL_ENV|PYTHON\w*"
    r"|SSL_CERT_(FILE|DIR)|LD_LIBRARY_PATH"
    r"|PGSSL(MODE|ROOTCERT|CERT|CRL|NEGOTIATION|(MIN|MAX)PROTOCOLVERSION)"
)
"""What else of our environment the portal is told: where things lie, and how texts are written.

How PostgreSQL's certificate is verified, but not how it is reached (PGPASSFILE, PGSERVICE,
PGSSLKEY), nor proxies: they may hold a password, and nothing that the portal asks is behind one.
"""


@dataclass(frozen=True, slots=True)
class Process:
    """A process to start: name, arguments, environment."""

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    """All of it; empty: that of whoever starts it."""


@dataclass(frozen=True, slots=True)
class ProcessCommand:
    """A `vaguemestre` command that runs until it is told to stop, and its database role."""

    name: str
    argv: tuple[str, ...]
    role: str
    """As shared/platform/postgres/rights.py names it: `ingest`, `desk`, `web`, …"""

    @property
    def service(self) -> str:
        """The service of the command: `ingest`, `desk`, `sla`, `notify`, `portal`."""
        return "desk" if self.role == "web" else self.role


def vaguemestre(*words: str) -> tuple[str, ...]:
    """Returns the arguments that run a `vaguemestre` command with this Python."""
    return (sys.executable, "-m", "services", *words)


@dataclass(frozen=True, slots=True)
class StartStep:
    """A command that ends by itself, run before the services as the owner of the database."""

    name: str
    argv: tuple[str, ...]


DESK, PORTAL = "desk", "portal"
PAGES = {DESK: 8000, PORTAL: 8001}
"""The commands whose port a person opens in a browser, and the port wished for each."""

COMMANDS = (
    ProcessCommand("ingest", vaguemestre("ingest", "run"), DOOR),
    ProcessCommand("desk-keep", vaguemestre("desk", "keep"), "desk"),
    ProcessCommand(DESK, vaguemestre("desk", "serve"), "web"),
    ProcessCommand("sla", vaguemestre("sla", "run"), "sla"),
    ProcessCommand("notify", vaguemestre("notify", "run"), "notify"),
    ProcessCommand(PORTAL, vaguemestre("portal", "serve"), "portal"),
)


def installation(folder: Path, site: str, story: str | None = None) -> Sequence[StartStep]:
    """Lists the commands to run before the services: migrations, topics, the site's rules.

    `site` is its id. `story` is the ISO moment at which a demo site's story begins.
    """
    why = ("--by", "vaguemestre up", "--why", "the stack was started")
    begins = () if story is None else ("--story", story)
    return (
        StartStep("migrate", vaguemestre("migrate", "--site", site)),
        StartStep("topics", vaguemestre("topics", "--replication", "1")),
        StartStep("site apply", vaguemestre("site", "apply", str(folder), *why, *begins)),
    )


def process_of(
    command: ProcessCommand, addresses: Addresses, ports: Mapping[str, int], health: int
) -> Process:
    """Makes the process of a command, with its environment and ports.

    `ports`: those of every command, since the desk's pages link to the portal's.
    """
    own = {
        _HTTP_PORT: str(ports[command.name]),
        _HEALTH_PORT: str(health),
        _INSTANCE: command.name,
    }
    variables = _public(ports) | environment(addresses, command.role) | own
    if command.role == PORTAL:
        variables = _without_the_register(variables)
    return Process(command.name, command.argv, variables)


def environment(addresses: Addresses, role: str) -> dict[str, str]:
    """Returns the environment variables of a process, completed with the servers' addresses."""
    ours = dict(os.environ)
    if role == PORTAL:
        ours = {name: word for name, word in ours.items() if _is_the_portals(name)}
    elif role != DOOR:
        ours = {name: word for name, word in ours.items() if not name.startswith(_PASSWORD)}
    return addresses.environment(role) | ours | (_public_half() if role == PORTAL else {})


def _public_half() -> dict[str, str]:
    """What the portal encrypts deposits with, where our environment gives the others a keyring."""
    keyring, current = secret_files.value_of(_KEYRING), None
    with suppress(ValueError):  # the others say what is wrong with it, and don't start
        current = None if keyring is None else Keyring.parse(keyring).current
    return {} if current is None else {_ENCRYPTION_KEY: current.text}


def of_the_machine(variables: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables that say where things lie and how texts are written: no secret."""
    return {name: word for name, word in variables.items() if _OF_THE_MACHINE.fullmatch(name)}


def _is_the_portals(name: str) -> bool:
    """Whether the portal is told a variable of our environment; its database it is told by us."""
    if name in _OF_THE_PORTAL:
        return name != _DATABASE_URL
    return _OF_THE_MACHINE.fullmatch(name) is not None


def _public(ports: Mapping[str, int]) -> dict[str, str]:
    """Where the public finds the portal, unless our environment says it.

    On this machine, as long as the desk's pages are read here alone: whoever reads them from
    elsewhere has another machine at 127.0.0.1.
    """
    if PORTAL not in ports or os.environ.get(_DESK_URL):
        return {}
    return {_PORTAL_URL: f"http://127.0.0.1:{ports[PORTAL]}"}


def _without_the_register(variables: Mapping[str, str]) -> dict[str, str]:
    """What of these the portal is told; without an https address it answers this machine alone."""
    told = {
        name: word
        for name, word in variables.items()
        if name in _OF_THE_PORTAL or not name.startswith(PREFIX)
    }
    host = told.get(_HTTP_HOST, "")
    if host and not is_loopback(host) and not told.get(_PORTAL_URL, "").startswith("https://"):
        del told[_HTTP_HOST]
    return told


def http_port(command: ProcessCommand, data: Path) -> int:
    """Chooses the HTTP port of a process: VAGUEMESTRE_HTTP_PORT or 8000; the portal 8001.

    All other processes get any free port.

    Raises:
        PortBusyError: another stack of this user has the port that was chosen.
    """
    chosen = os.environ.get(_HTTP_PORT) if command.name == DESK else None
    if not chosen:
        return kept_port(data, command.name, first=PAGES.get(command.name))
    if not claim(int(chosen)):
        raise PortBusyError(command.name, int(chosen))
    return int(chosen)


def health_port(command: ProcessCommand, data: Path) -> int:
    """Chooses the port for /health and /metrics of a process."""
    if command.name not in PAGES:
        return http_port(command, data)
    return kept_port(data, f"{command.name}-health")
