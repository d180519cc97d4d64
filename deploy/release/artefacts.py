"""What a release hands over, built from a tagged commit into dist/X.Y.Z; twice the same octets.

vaguemestre-X.Y.Z-py3-none-any.whl    the program
vaguemestre-X.Y.Z-wheelhouse.tar      it, all that it stands on and requirements.txt with hashes
vaguemestre-X.Y.Z-deploy.tar          units, proxies, chart, image's recipe, locks, the guide
vaguemestre-X.Y.Z-data.tar            what browsers load (htmx, the State's theme), French OCR
vaguemestre-X.Y.Z.cdx.json            parts list (CycloneDX)
vaguemestre-X.Y.Z-image.tar           where buildah and a base are there
NOTES.md, SHA256SUMS
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from deploy.embedded.downloads import tessdata, web
from deploy.release.notes import TREE, ReleaseError, git

_BUILD: Final = "from setuptools.build_meta import build_wheel; build_wheel('made')"
DEPLOYED: Final = (
    "deploy/container", "deploy/helm", "deploy/nginx", "deploy/systemd", "docs/guide",
    "requirements.lock", "requirements-build.lock", "CHANGELOG.md", "LICENSE", "SECURITY.md",
)  # fmt: skip
"""What goes along as it stands in the tree."""
PARTS_LIST: Final = "requirements-release.lock"
"""The lock of what writes the parts list."""


def run(*words: str | Path, at: Path, **more: str) -> None:
    """Runs a program in a folder, for the release.

    Raises:
        ReleaseError: it fails; with its last lines.
    """
    done = subprocess.run(  # noqa: S603  (our own words)
        [str(word) for word in words], cwd=at, env={**os.environ, **more}, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if done.returncode:
        raise ReleaseError(f"{Path(words[0]).name} failed:\n{done.stdout[-2000:]}")


def export_commit(commit: str, into: Path) -> int:
    """Writes a commit's files into a folder, by `git archive`; returns its Unix time.

    Git fills the commit's id into services/commit.txt.
    """
    archive = into.with_suffix(".tar")
    git("archive", "--format=tar", f"--output={archive}", commit)
    with tarfile.open(archive) as files:
        files.extractall(into, filter="data")
    archive.unlink()
    return int(git("show", "--no-patch", "--format=%ct", f"{commit}^{{commit}}"))


def wheel(source: Path, epoch: int) -> Path:
    """Builds the wheel of an exported tree by the pinned tools that are here, without network."""
    made = source / "made"
    made.mkdir()
    run(sys.executable, "-c", _BUILD, at=source, SOURCE_DATE_EPOCH=str(epoch))
    (found,) = made.glob("*.whl")
    return found


def wheelhouse(source: Path, own: Path, version: str) -> Path:
    """Fetches every package of the lock by its hash next to our wheel; returns the folder.

    Its requirements.txt names all of them with their hashes, ours too: that is what is installed.
    """
    house = source / "wheelhouse"
    uv = Path(sys.executable).with_name("uv")
    run(uv, "venv", "--quiet", "--seed", "--python", sys.executable, "fetching", at=source)
    run(
        source / "fetching/bin/python", "-m", "pip", "download", "--quiet", "--require-hashes",
        "--only-binary=:all:", "--dest", house, "--requirement", "requirements.lock", at=source,
    )  # fmt: skip
    shutil.copy(own, house)
    (house / "requirements.txt").write_text(
        write_requirements(source, own, version), encoding="utf-8"
    )
    return house


def write_requirements(source: Path, own: Path, version: str) -> str:
    """Returns requirements.txt: a tree's lock and our wheel, each package with its hash."""
    lock = (source / "requirements.lock").read_text(encoding="utf-8")
    return lock + f"vaguemestre=={version} \\\n    --hash=sha256:{digest(own)}\n"


def install_wheelhouse(house: Path, at: Path) -> Path:
    """Installs a wheelhouse as the guide says, without network; returns the venv's folder."""
    uv = Path(sys.executable).with_name("uv")
    own = at / "own"
    run(uv, "venv", "--quiet", "--seed", "--python", sys.executable, own, at=at)
    run(
        own / "bin/pip", "install", "--quiet", "--no-index", "--find-links", house,
        "--require-hashes", "-r", house / "requirements.txt", at=at,
    )  # fmt: skip
    return own


def parts_list(environment: Path, into: Path, at: Path) -> None:
    """Writes the CycloneDX parts list (SBOM) of an environment by the locked tool."""
    uv = Path(sys.executable).with_name("uv")
    run(uv, "venv", "--quiet", "--python", sys.executable, "listing", at=at)
    run(
        uv, "pip", "install", "--quiet", "--require-hashes", "--python", at / "listing/bin/python",
        "-r", TREE / PARTS_LIST, at=at,
    )  # fmt: skip
    run(
        at / "listing/bin/cyclonedx-py", "environment", "--output-reproducible", "--no-validate",
        "--output-format", "JSON", "--output-file", into, environment / "bin/python", at=at,
    )  # fmt: skip


def pack_tar(into: Path, epoch: int, *folders: tuple[Path, str]) -> None:
    """Writes folders into a tar that has the same octets each time: sorted, no owner, one time."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = epoch
        member.mode = 0o755 if member.mode & 0o100 else 0o644
        return member

    with tarfile.open(into, "w", format=tarfile.GNU_FORMAT) as archive:
        for path, name in sorted(found for folder in folders for found in _files(*folder)):
            archive.add(path, name, recursive=False, filter=plain)


def _files(path: Path, name: str) -> Iterator[tuple[Path, str]]:
    if path.is_file():
        yield path, name
    for found in sorted(path.rglob("*")):
        if found.is_file():
            yield found, f"{name}/{found.relative_to(path)}"


def digest(path: Path) -> str:
    """Returns the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def image(house: Path, source: Path, into: Path, base: str) -> None:
    """Builds the container image from the wheelhouse on a local base; writes it as an archive."""
    context = source / "deploy/container"
    shutil.copytree(house, context / "wheelhouse")
    shutil.copytree(web(), context / "pages")
    (context / "tessdata").mkdir()
    shutil.copy(tessdata() / "fra.traineddata", context / "tessdata")
    run(
        "buildah", "build", "--isolation=chroot", "--timestamp=0", "--build-arg", f"BASE={base}",
        "--tag", "localhost/vaguemestre:release", context, at=source,
    )  # fmt: skip
    run("buildah", "push", "localhost/vaguemestre:release", f"oci-archive:{into}", at=source)


def make(version: str, commit: str, out: Path, work: Path, base: str | None) -> Path:
    """Builds everything of a release into `out`; returns its folder.

    Args:
        version: as pyproject.toml of the commit says.
        commit: what is built.
        out: a folder that gets one named after the version, emptied first.
        work: an empty folder for what is built on the way.
        base: an image that buildah has, for ours; none: no image is made.

    Raises:
        ReleaseError: a step failed.
    """
    folder = out / version
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    named = f"vaguemestre-{version}"
    source = work / "source"
    epoch = export_commit(commit, source)
    own = wheel(source, epoch)
    shutil.copy(own, folder)
    house = wheelhouse(source, own, version)
    pack_tar(folder / f"{named}-wheelhouse.tar", epoch, (house, "wheelhouse"))
    data = ((web(), "pages"), (tessdata() / "fra.traineddata", "tessdata/fra.traineddata"))
    pack_tar(folder / f"{named}-data.tar", epoch, *data)
    pack_tar(
        folder / f"{named}-deploy.tar", epoch,
        *((source / name, f"{named}/{name}") for name in DEPLOYED),
    )  # fmt: skip
    environment = install_wheelhouse(house, work)
    parts_list(environment, folder / f"{named}.cdx.json", work)
    if base is not None:
        image(house, source, folder / f"{named}-image.tar", base)
    return folder


def write_sums(folder: Path) -> None:
    """Writes SHA256SUMS of every other file of the folder, as `sha256sum --check` reads it."""
    files = sorted(path for path in folder.iterdir() if path.name != "SHA256SUMS")
    lines = [f"{digest(path)}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
