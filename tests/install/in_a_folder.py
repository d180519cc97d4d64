"""The guide's blocks typed into a folder instead of a machine: paths moved, accounts left out.

`make install-test` types them as they stand, as root of a Debian; here anyone does, in a minute:
what needs root (useradd, chown, setpriv, su, systemctl) has stand-ins before it on the path, and
what a unit says is started by this process instead of systemd.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.embedded.downloads import tessdata, web
from deploy.embedded.postgres import PostgresServer, binaries
from deploy.release import artefacts
from tests.architecture.test_anatomy import PROJECT, ours
from tests.architecture.test_packaging import project

SITE: Final = "36"
MOVED: Final = (
    "/opt/vaguemestre", "/etc/vaguemestre", "/var/lib/vaguemestre", "/etc/systemd/system",
    "/usr/local/sbin", "/run/vaguemestre-as", "/etc/nginx",
)  # fmt: skip
"""What the guide writes outside the folder of a release."""
_UV: Final = Path(sys.executable).with_name("uv")
_STAND_INS: Final = {
    "useradd": "exit 0",
    "chown": "exit 0",
    "systemctl": "exit 0",
    "nginx": "exit 0",
    "setpriv": """
while :; do
  case $1 in --reuid|--regid) shift 2 ;; --*) shift ;; *) break ;; esac
done
exec "$@"
""",
    "install": f"""
left=$# skip=
while [ $left -gt 0 ]; do
  word=$1 left=$((left - 1))
  shift
  case $skip$word in yes*) skip= ;; -o|-g) skip=yes ;; *) set -- "$@" "$word" ;; esac
done
exec {shutil.which("install")} "$@"
""",
    "su": '[ "$1 $2" = "postgres -c" ] || exit 2\nexec sh -c "$3"',
    "python3": f"""
[ "$1 $2" = "-m venv" ] || exit 2
{_UV} venv --quiet --offline --python {sys.executable} "$3"
cat > "$3/bin/pip" <<FIN
#!/bin/sh
for word do shift; case \\$word in --no-index) ;; *) set -- "\\$@" "\\$word" ;; esac; done
exec {_UV} pip "\\$@" --offline --python $3/bin/python
FIN
chmod 755 "$3/bin/pip"
""",
}
"""By the name of a program what stands in for it, in sh: owners and accounts are left out, and
packages come from where `make setup` keeps them, by their hashes, without a network."""
VERSION: Final = str(project()["version"])


def moved(text: str, into: Path) -> str:
    """The paths of a text, moved into a folder."""
    for path in MOVED:
        text = text.replace(path, f"{into}{path}")
    return text


def as_a_release(into: Path, folder: Path) -> None:
    """Lays out what a release of this tree hands over, but for the packages of others.

    Its paths are moved into `folder`. The wheelhouse holds our wheel alone: what it stands on is
    taken from where `make setup` kept it, by the same hashes.
    """
    into.mkdir()
    source = into.parent / "source"
    for path in ours(*artefacts.DEPLOYED, "services", "shared", "deploy", "pyproject.toml",
                     "README.md"):  # fmt: skip
        copy = source / path.relative_to(PROJECT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    own = artefacts.wheel(source, 0)
    house = source / "wheelhouse"
    house.mkdir()
    shutil.copy(own, house)
    (house / "requirements.txt").write_text(
        artefacts.write_requirements(source, own, VERSION), "utf-8"
    )
    for path in (source / "deploy/systemd").iterdir():
        path.write_text(moved(path.read_text("utf-8"), folder), "utf-8")
    named = f"vaguemestre-{VERSION}"
    data = ((web(), "pages"), (tessdata() / "fra.traineddata", "tessdata/fra.traineddata"))
    artefacts.pack_tar(into / f"{named}-wheelhouse.tar", 0, (house, "wheelhouse"))
    artefacts.pack_tar(into / f"{named}-data.tar", 0, *data)
    artefacts.pack_tar(
        into / f"{named}-deploy.tar", 0,
        *((source / name, f"{named}/{name}") for name in artefacts.DEPLOYED),
    )  # fmt: skip
    artefacts.write_sums(into)


def compiled(own: Path) -> None:
    """Lends an environment what `make setup` compiled of the same files: half of a minute less."""
    here = Path(sysconfig.get_path("purelib"))
    (there,) = (own / "lib").glob("python*/site-packages")
    for folder in here.rglob("__pycache__"):
        into = there / folder.relative_to(here)
        if into.parent.is_dir() and not into.exists():
            shutil.copytree(folder, into, copy_function=os.symlink)


@dataclass(frozen=True, slots=True)
class InAFolder:
    """A machine that is a folder: blocks are typed into it, and units started."""

    folder: Path
    release: Path
    postgres: PostgresServer
    words: Mapping[str, str]
    """What the guide's addresses and ports are here: they are taken on this machine."""

    def prepared(self) -> None:
        """Makes what a bare machine has, and the stand-ins."""
        for path in ("/etc/systemd/system", "/usr/local/sbin", "/etc/nginx/conf.d", "/run", "/tmp"):  # noqa: S108  (in the folder)
            (self.folder / path[1:]).mkdir(parents=True)
        at = self.folder / "stand-ins"
        at.mkdir()
        for name, script in _STAND_INS.items():
            (at / name).write_text(f"#!/bin/sh\n{script}\n")
            (at / name).chmod(0o755)

    @property
    def program(self) -> str:
        """The path of the program that the préfecture runs."""
        return f"{self.folder}/opt/vaguemestre/site-{SITE}/bin/vaguemestre"

    def type(self, block: str) -> str:
        """Types a block, its paths moved, and returns what it says; it must end well."""
        password = self.postgres.url.removeprefix("postgresql://postgres:").partition("@")[0]
        text = moved(block, self.folder)
        for theirs, here in self.words.items():
            text = re.sub(rf"(?<!\w){re.escape(theirs)}(?!\w)", here, text)
        done = subprocess.run(
            ["bash", "-s"], cwd=self.release, text=True, check=False,  # noqa: S607  (found on the path)
            input=f"set -eu -o pipefail\n{text}",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={
                "PATH": f"{self.folder}/stand-ins:{self.folder}/usr/local/sbin:{binaries()}:"
                + os.environ["PATH"],
                "LC_ALL": "C.UTF-8", "HOME": os.environ.get("HOME", "/"),
                "VAGUEMESTRE_ETC": f"{self.folder}/etc/vaguemestre",
                "VAGUEMESTRE_PROGRAM": self.program,
                "PGHOST": "127.0.0.1", "PGPORT": str(self.postgres.port), "PGUSER": "postgres",
                "PGPASSWORD": password,
            },
        )  # fmt: skip
        assert done.returncode == 0, f"{block}\n→ {done.returncode}\n{done.stdout[-3000:]}"
        return done.stdout

    @contextmanager
    def started(self) -> Iterator[Mapping[str, "subprocess.Popen[bytes]"]]:
        """Starts what the target wants, each as its unit says; kills at the end what still runs."""
        units = self.folder / "etc/systemd/system"
        wanted = [
            word for line in (units / "vaguemestre@.target").read_text("utf-8").splitlines()
            if line.startswith("Wants=") for word in line.removeprefix("Wants=").split()
            if word.endswith(".service")
        ]  # fmt: skip
        running = {}
        try:
            for name in wanted:
                short = name.removeprefix("vaguemestre-").partition("@")[0]
                unit = (units / name.replace("%i", "")).read_text("utf-8")
                running[short] = self._start(short, unit)
            yield running
        finally:
            for process in running.values():
                process.kill()
                process.wait()

    def log(self, process: str) -> str:
        """What a process printed."""
        return (self.folder / f"{process}.log").read_text("utf-8", "replace")

    def _start(self, name: str, unit: str) -> "subprocess.Popen[bytes]":
        said = _settings(unit.replace("%i", SITE))
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        for line in said["Environment"]:
            environment |= dict([line.split("=", 1)])
        for path in said["EnvironmentFile"]:
            file = Path(path.removeprefix("-"))
            if file.exists() or not path.startswith("-"):
                lines = file.read_text("utf-8").splitlines()
                environment |= dict(line.split("=", 1) for line in lines)
        (credentials,) = said["LoadCredential"]
        prefix, _, secrets = credentials.partition(":")
        given = self.folder / "run" / name
        given.mkdir()
        for secret in Path(secrets).iterdir():
            (given / f"{prefix}_{secret.name}").write_bytes(secret.read_bytes())
        (start,) = said["ExecStart"]
        with (self.folder / f"{name}.log").open("wb") as log:
            return subprocess.Popen(  # noqa: S603  (what a unit of ours says)
                shlex.split(start), cwd="/", stdout=log, stderr=log,
                env=environment | {"CREDENTIALS_DIRECTORY": str(given)},
            )  # fmt: skip


def _settings(unit: str) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for line in unit.splitlines():
        name, equals, value = line.partition("=")
        if equals and name.isalpha():
            found.setdefault(name, []).append(value)
    return found
