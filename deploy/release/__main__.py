"""`python -m deploy.release X.Y.Z [--base IMAGE] [--since TAG] [--build-only]`: `make release`.

Writes the version and its section of CHANGELOG.md, commits and tags them here (nothing is pushed),
then builds dist/X.Y.Z from that tag. Where the tag stands already, it builds again from it.
"""

import argparse
import re
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path

from deploy.release import artefacts, notes
from deploy.release.notes import TREE, ReleaseError, git
from shared.platform.clock import SystemClock

_NUMBER = re.compile(r"\d+\.\d+\.\d+")


def main() -> None:
    """Makes a release; ends with a sentence and exit code 1 when something is not ready."""
    asked = _asked()
    try:
        _release(asked.version, asked.base, asked.since, build_only=asked.build_only)
    except ReleaseError as why:
        sys.exit(f"No release: {why}")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make release", description=__doc__.splitlines()[0])
    parser.add_argument("version")
    parser.add_argument("--base", help="image on which ours is built, where buildah is there")
    parser.add_argument("--since", help="tag of the release before; the newest, if none is said")
    parser.add_argument("--build-only", action="store_true", help="of HEAD, without tag or notes")
    return parser.parse_args()


def _release(version: str, base: str | None, since: str | None, *, build_only: bool) -> None:
    if not _NUMBER.fullmatch(version):
        raise ReleaseError("say VERSION=X.Y.Z.")
    if base is not None and shutil.which("buildah") is None:
        raise ReleaseError("an image was asked for, and buildah is not here.")
    tag = f"v{version}"
    if not build_only and tag not in git("tag", "--list", tag).split():
        _write_down(version, tag, since)
    commit = "HEAD" if build_only else tag
    stated = tomllib.loads(git("show", f"{commit}:pyproject.toml"))["project"]["version"]
    if stated != version:
        raise ReleaseError(f"pyproject.toml of {commit} says {stated}.")
    with tempfile.TemporaryDirectory(prefix="vaguemestre-release-") as work:
        folder = artefacts.make(version, commit, TREE / "dist", Path(work), base)
    changelog = git("show", f"{commit}:CHANGELOG.md")
    (folder / "NOTES.md").write_text(notes.of_version(changelog, version), encoding="utf-8")
    artefacts.write_sums(folder)
    for path in sorted(folder.iterdir()):
        print(f"{path.stat().st_size:>12,}  {path.relative_to(TREE)}")  # noqa: T201  (for a terminal)


def _write_down(version: str, tag: str, since: str | None) -> None:
    """Writes the version where it stands, commits and tags."""
    if git("status", "--porcelain").strip():
        raise ReleaseError("commit or put away what is changed here first.")
    before = since or _newest_tag()
    told = notes.found_by_git(before) if before else "### For operators\n- The first release."
    changelog = TREE / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8")
    today = SystemClock().now().date()
    changelog.write_text(notes.date_version(text, version, today, told), encoding="utf-8")
    _replace(TREE / "pyproject.toml", r'^version = "[^"]+"$', f'version = "{version}"')
    _replace(TREE / "README.md", r"version \d+\.\d+\.\d+ \(", f"version {version} (")
    chart = TREE / "deploy/helm/vaguemestre/Chart.yaml"
    _replace(chart, r"^version: .+$", f"version: {version}")
    _replace(chart, r"^appVersion: .+$", f'appVersion: "{version}"')
    git("commit", "--quiet", "--all", "--message", f"Release {version}")
    git("tag", "--annotate", tag, "--message", f"Vaguemestre {version}")


def _newest_tag() -> str | None:
    found = git("tag", "--list", "v*", "--sort=-v:refname").split()
    return found[0] if found else None


def _replace(path: Path, pattern: str, text: str) -> None:
    whole, count = re.subn(pattern, text, path.read_text("utf-8"), count=1, flags=re.MULTILINE)
    if count != 1:
        raise ReleaseError(f"{path.relative_to(TREE)} has no line like {pattern}.")
    path.write_text(whole, encoding="utf-8")


if __name__ == "__main__":
    main()
