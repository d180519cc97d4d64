"""A bare Debian in a folder, booted with its own systemd in a container of systemd-nspawn."""

import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PACKAGES: Final = (
    "ca-certificates", "curl", "dbus", "dovecot-imapd", "iproute2", "nginx-light", "openssl",
    "postgresql", "procps", "python3", "python3-venv", "systemd", "systemd-sysv",
)  # fmt: skip
"""What the guide supposes beside the release: Python, servers of Debian, and tools to look."""
_PATH: Final = "/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"
_PATIENCE: Final = 300.0


class CantInstallError(Exception):
    """Raised when a step of the installation fails; with what was typed and what was said."""


def bootstrapped(folder: Path) -> None:
    """Makes a Debian 12 in a folder, unless one is there; minutes, by the machine's mirror.

    Raises:
        CantInstallError: debootstrap is missing or fails.
    """
    if (folder / "etc/debian_version").exists() and (folder / ".whole").exists():
        return
    debootstrapped(folder, PACKAGES)
    (folder / ".whole").touch()


def debootstrapped(folder: Path, packages: Sequence[str] = ()) -> None:
    """Makes the smallest Debian 12 in a folder, with packages beside what it has itself.

    Raises:
        CantInstallError: debootstrap is missing or fails.
    """
    program = shutil.which("debootstrap")
    if program is None:
        raise CantInstallError("debootstrap is missing: apt-get install debootstrap")
    more = [f"--include={','.join(packages)}"] if packages else []
    done = subprocess.run(  # noqa: S603  (our own words)
        [program, "--variant=minbase", *more, "bookworm", str(folder)], check=False,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        raise CantInstallError(f"debootstrap failed:\n{done.stdout[-2000:]}")


class Root:
    """A booted Debian: runs scripts in it, as root of it."""

    def __init__(self, folder: Path, leader: int) -> None:
        self._folder = folder
        self._leader = leader

    def run(self, script: str, *, at: str = "/", fails: bool = False) -> str:
        """Runs a script of bash and returns what it prints.

        Raises:
            CantInstallError: it ends with another code than 0, unless `fails`.
        """
        words = ["nsenter", f"--target={self._leader}", "--all", f"--wdns={at}", "/bin/bash", "-s"]
        done = subprocess.run(  # noqa: S603  (our own words)
            words, input=f"set -eu -o pipefail\n{script}", text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={"PATH": _PATH, "LC_ALL": "C.UTF-8", "HOME": "/root"},
        )  # fmt: skip
        if done.returncode and not fails:
            raise CantInstallError(f"{script}\n→ {done.returncode}\n{done.stdout[-3000:]}")
        return done.stdout


@contextmanager
def booted(folder: Path) -> Iterator[Root]:
    """Boots the Debian of a folder on this machine's network.

    Raises:
        CantInstallError: it does not reach the state in which services run.
    """
    words = [
        "systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit",
        f"--directory={folder}", "--console=read-only",
        # Its own filter would take Landlock from every unit, as a machine would not.
        "--system-call-filter=landlock_create_ruleset landlock_add_rule landlock_restrict_self",
    ]  # fmt: skip
    with (folder.parent / "boot.log").open("wb") as log:
        machine = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)  # noqa: S603  (our own words)
        try:
            root = Root(folder, _leader(machine, log.name))
            deadline = time.monotonic() + _PATIENCE
            while (state := root.run("systemctl is-system-running", fails=True).strip()) not in {
                "running",
                "degraded",
            }:
                if time.monotonic() > deadline:
                    raise CantInstallError(f"systemd of the root is {state}: see {log.name}")
                time.sleep(1)
            yield root
        finally:
            machine.terminate()
            machine.wait()


def _leader(machine: "subprocess.Popen[bytes]", log: str) -> int:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and machine.poll() is None:
        for path in Path(f"/proc/{machine.pid}/task").glob("*/children"):
            for child in path.read_text("ascii").split():
                name = Path(f"/proc/{child}/comm").read_text("ascii").strip()
                if name == "systemd":
                    return int(child)
        time.sleep(0.2)
    raise CantInstallError(f"The root does not boot: see {log}")
