"""The image built by the guide's own lines, and its containers as a hosting centre runs them.

Everything by podman, buildah and runc of Debian. No container is root, none may write but in what
it is given, and no password stands in what `podman inspect` shows.
"""

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.install.guide import image_block
from tests.install.root import CantInstallError, debootstrapped

USER: Final = 10001
"""Of the image: deploy/container/Dockerfile."""
BASE: Final = "localhost/vaguemestre-base:bookworm"
_CONF: Final = Path(__file__).with_name("containers.conf")
_PATIENCE: Final = 300.0


def said(*words: str | Path, at: Path | None = None, fails: bool = False, script: str = "") -> str:
    """Runs a program (with `script`: a script on its input) and returns what it prints.

    Raises:
        CantInstallError: it ends with another code than 0, unless `fails`.
    """
    done = subprocess.run(  # noqa: S603  (our own words)
        [str(word) for word in words], cwd=at, text=True, check=False, input=script,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        # Where no image registry is reached there is no user namespace to be had either.
        env={**os.environ, "BUILDAH_ISOLATION": "chroot", "CONTAINERS_CONF": str(_CONF)},
    )  # fmt: skip
    if done.returncode and not fails:
        told = " ".join(map(str, words)) + script
        raise CantInstallError(f"{told}\n→ {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def base(work: Path) -> str:
    """Makes a bare Debian an image, unless it is one already; minutes. Returns its name."""
    if said("podman", "images", "--quiet", BASE).strip():
        return BASE
    folder = work / "base"
    debootstrapped(folder)
    said("bash", script=f"set -eo pipefail; tar -C '{folder}' -c . | podman import - {BASE}")
    return BASE


def built(release: Path, version: str, on: str, work: Path) -> str:
    """Types the guide's lines that make the image; returns its name."""
    said("bash", "-s", at=work, script=f"""set -eu
cd {work}
for part in wheelhouse deploy data; do tar -xf {release}/vaguemestre-{version}-$part.tar; done
""")  # fmt: skip
    typed = image_block().replace("debian:bookworm-slim", on)
    said("bash", "-s", at=work, script=f"set -eu\nVERSION={version}\n{typed}")
    return f"localhost/vaguemestre:{version}"


@dataclass(frozen=True, slots=True)
class Containers:
    """What all containers of one préfecture share: the image and its folders."""

    image: str
    folder: Path
    """Below it `data`, and `secrets/ROLE` with one file a value."""
    running: dict[str, str] = field(default_factory=dict)

    def words(
        self, role: str, variables: Mapping[str, str], folders: Sequence[str]
    ) -> Sequence[str]:
        """The options of one container: read-only, without rights, its secrets as files."""
        told = {**variables, "CREDENTIALS_DIRECTORY": "/run/credentials"}
        return [
            "--network=host", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL",
            "--security-opt=no-new-privileges",
            f"--volume={self.folder}/secrets/{role}:/run/credentials:ro",
            *(f"--volume={self.folder}/data/{name}:/data/{name}" for name in folders),
            *(f"--env={name}={value}" for name, value in told.items()),
        ]  # fmt: skip

    def does(self, role: str, variables: Mapping[str, str], *command: str) -> str:
        """Runs one command to its end and returns what it prints."""
        options = self.words(role, variables, ())
        return said("podman", "run", "--rm", *options, self.image, *command)

    def start(
        self, name: str, variables: Mapping[str, str], folders: Sequence[str], *command: str
    ) -> None:
        """Starts a process that runs until it is stopped; its secrets' folder has its name."""
        options = self.words(name, variables, folders)
        made = said("podman", "run", "--detach", *options, self.image, *command).split()
        self.running[name] = made[-1]

    def log(self, name: str) -> str:
        """What a process has printed."""
        return said("podman", "logs", self.running[name], fails=True)

    def memory(self, name: str) -> int:
        """The megabytes that a process and its children hold, shared pages in parts (PSS)."""
        first = said("podman", "inspect", "--format={{.State.Pid}}", self.running[name]).strip()
        return sum(_pss(pid) for pid in _family(int(first))) // 1024

    def stop(self, name: str) -> tuple[str, float]:
        """Asks a process to end; returns its exit code and the seconds that it took."""
        began = time.monotonic()
        container = self.running[name]
        said("podman", "stop", "--time=75", container)
        code = said("podman", "inspect", "--format={{.State.ExitCode}}", container).strip()
        return code, time.monotonic() - began


@contextmanager
def containers(image: str, folder: Path) -> Iterator[Containers]:
    """A context manager with containers that are gone at its end, whatever became of them."""
    made = Containers(image, folder)
    try:
        yield made
    finally:
        if made.running:
            said("podman", "rm", "--force", "--time=5", *made.running.values(), fails=True)


def answers(url: str) -> int:
    """The HTTP code with which an address answers; 0: nobody does."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  (our own address)
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def awaited(what: str, holds: Callable[[], bool], otherwise: Callable[[], str] = str) -> None:
    """Waits until something holds.

    Raises:
        CantInstallError: it does not within minutes; with what `otherwise` says then.
    """
    deadline = time.monotonic() + _PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise CantInstallError(f"Not in {_PATIENCE:.0f} s: {what}\n{otherwise()[-4000:]}")
        time.sleep(0.5)


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text("ascii").split():
            yield from _family(int(child))


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:  # a reader of strangers' files that ended meanwhile
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
