"""Releases for the tests of installation: of a commit, of the one before, of a higher number."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Final

from deploy.release import artefacts
from deploy.release.notes import TREE, git

_STATED: Final = re.compile(r'^version = "[^"]+"$', re.MULTILINE)


def release_of(commit: str, work: Path) -> Path:
    """Builds the release of a commit below a folder and returns its folder; minutes."""
    version = tomllib.loads(git("show", f"{commit}:pyproject.toml"))["project"]["version"]
    building = work / "built"
    building.mkdir(parents=True)
    made = artefacts.make(version, commit, work / "dist", building, None)
    artefacts.write_sums(made)
    return made


def version_of(release: Path) -> str:
    """The version that a release's wheel names."""
    (wheel,) = release.glob("vaguemestre-*.whl")
    return wheel.name.split("-")[1]


def before() -> str:
    """The commit of the release before: the newest tag; as long as there is none, what is here."""
    tags = git("tag", "--list", "v*", "--sort=-v:refname").split()
    return tags[0] if tags else "HEAD"


def numbered_higher(version: str) -> str:
    """Makes a commit of HEAD with the number after a version, on no branch; returns its id."""
    first, second, third = (int(part) for part in version.split("."))
    text = git("show", "HEAD:pyproject.toml")
    higher = _STATED.sub(f'version = "{first}.{second}.{third + 1}"', text, count=1)
    blob = _fed(higher, "hash-object", "-w", "--stdin")
    entries = git("ls-tree", "HEAD").splitlines()
    tree = _fed(
        "".join(
            f"100644 blob {blob}\tpyproject.toml\n"
            if line.endswith("\tpyproject.toml")
            else f"{line}\n"
            for line in entries
        ),
        "mktree",
    )
    return git("commit-tree", tree, "-p", "HEAD", "-m", "Numbered higher, to be tried").strip()


def _fed(text: str, *words: str) -> str:
    done = subprocess.run(  # noqa: S603  (our own words)
        ["git", *words],  # noqa: S607  (found on the path)
        cwd=TREE, input=text, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()
