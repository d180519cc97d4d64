"""What a fork does before it is a site's process: it reads what is its own, then gives up root."""

import importlib
import os
import shutil
import signal
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from services.ops.host.places import HostPlaces, SiteProcess, SystemAccount
from shared.errors import PermanentFailure
from shared.platform import confinement, secret_files
from shared.platform.observability.logs import Log
from shared.platform.settings import PREFIX

log = Log("host")

_NOBODY_ELSES = 0o007
"""The umask: what a process writes, its account and group alone read."""


@dataclass(frozen=True, slots=True)
class Fork:
    """The process that a fork is to become; `parent` is the process id of which it is a fork."""

    which: SiteProcess
    places: HostPlaces
    parent: int

    def become(self) -> None:
        """Runs the site's process, under its account; returns when that has ended.

        Raises SystemExit: a file of the site can't be read, or its account can't be taken.
        """
        try:
            variables = self._prepare()
        except (OSError, KeyError, ValueError, PermanentFailure) as error:
            log.error("process_not_begun", **self.which._asdict(), why=str(error))  # noqa: TRY400  (a sentence)
            raise SystemExit(1) from None
        _run(self.places.processes[self.which.process], self._program(), variables)

    def _prepare(self) -> Mapping[str, str]:
        """Takes the process's account and its secrets, and nothing of root's any more.

        Returns its environment.
        """
        account = self.places.account(self.which)
        if account.user == 0:
            raise PermanentFailure("Its account is root's: no process of a site is root.")
        _has_a_session_of_its_own(self.which)
        variables = self.places.variables(self.which)
        folder = self.places.credentials(self.which)
        _copy_secrets(self.places.secrets(self.which), folder, account)
        _take(account)
        # Not before: the kernel forgets it with a change of account.
        confinement.end_with_parent(signal.SIGTERM, self.parent)
        os.chdir("/")
        os.umask(_NOBODY_ELSES)
        return variables | {secret_files.FOLDER: str(folder)}

    def _program(self) -> Path | None:
        """The program to execute, of another release; `None`: that of which this is a fork."""
        site = self.which.site
        return None if self.places.is_ours(site) else self.places.program(site)


def forget_secrets(folder: Path) -> None:
    """Removes the copies of an ended process's secrets, without reading them."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


def _has_a_session_of_its_own(which: SiteProcess) -> None:
    os.setsid()
    with suppress(OSError):  # what `ps` and `top` show
        Path("/proc/self/comm").write_text(f"{which.process}@{which.site}"[:15])
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _copy_secrets(source: Path, folder: Path, account: SystemAccount) -> None:
    """As systemd does for its services: copies that the account alone can read."""
    forget_secrets(folder)
    folder.mkdir(mode=0o711)
    folder.chmod(0o711)  # whatever the umask; files are opened by name, and nobody lists them
    for file in sorted(source.iterdir()):
        copy = folder / f"{PREFIX}{file.name}"
        handle = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, stat.S_IRUSR)
        with os.fdopen(handle, "wb") as written:
            os.fchown(handle, account.user, account.group)
            written.write(file.read_bytes())


def _take(account: SystemAccount) -> None:
    """Becomes an account for ever: no program that this one starts has more rights than it."""
    if os.geteuid() != account.user:
        os.setgroups(account.groups)
        os.setresgid(account.group, account.group, account.group)
        os.setresuid(account.user, account.user, account.user)
    confinement.gain_nothing()


def _run(words: Sequence[str], program: Path | None, variables: Mapping[str, str]) -> None:
    if program is not None:
        os.execve(program, [str(program), *words], dict(variables))  # noqa: S606  (no shell)
    os.environ.clear()
    os.environ.update(variables)
    importlib.import_module("services.__main__").main(list(words), prog_name="vaguemestre")
