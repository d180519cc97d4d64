"""What a release says to operators: a section of CHANGELOG.md, its last part found by git.

People write what changed, under *Unreleased*. What a machine knows better is put below it: which
migrations run, which kinds of facts and which variables are new, and what to do in which order.
"""

import re
import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

TREE: Final = Path(__file__).parents[2]
_UNRELEASED: Final = "## [Unreleased]\n"
_MIN_VERSION: Final = re.compile(r"^-- min_version: (\d+)", re.MULTILINE)
UNREADABLE_BEFORE: Final = frozenset(
    {
        *("NoteWritten", "OpinionAsked", "RegisteredLetterSent", "DeliveryNoticed"),
        *("SecureMailSent", "SecureMailRead"),
    }
)
"""Kinds of facts without a migration's `min_version` that the version before can't read: it runs
beside the new one until the first is written, not after (docs/decisions/0130, 0112, 0150, 0206)."""
_ROW: Final = re.compile(r"^\| `([A-Z_]+)`", re.MULTILINE)


class ReleaseError(Exception):
    """Raised when a release can't be made; the sentence says what to do."""


def git(*words: str, tree: Path = TREE) -> str:
    """Runs git in the tree and returns what it prints.

    Raises:
        ReleaseError: git refuses.
    """
    done = subprocess.run(  # noqa: S603  (our own words)
        ["git", *words],  # noqa: S607  (found on the path)
        cwd=tree, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ReleaseError(f"git {words[0]}: {done.stderr.strip()}")
    return done.stdout


def added_files(since: str, *paths: str, tree: Path = TREE) -> Sequence[str]:
    """Returns the names of files below these paths that the commit has and `since` had not."""
    said = git("diff", "--name-only", "--diff-filter=A", since, "HEAD", "--", *paths, tree=tree)
    return sorted(said.splitlines())


def found_by_git(since: str, tree: Path = TREE) -> str:
    """Returns the part of a release's notes that the tree itself tells, in Markdown.

    Args:
        since: the tag of the release before.
        tree: the root of the git work tree.
    """
    migrations = [
        path for path in added_files(since, "services", "shared", tree=tree) if "/sql/" in path
        and path.endswith(".sql")
    ]  # fmt: skip
    facts = [
        Path(path).stem
        for path in added_files(since, "tests/golden", tree=tree)
        if Path(path).parent == Path("tests/golden") and path.endswith(".json")
    ]
    page = "docs/guide/variables.md"
    now = set(_ROW.findall((tree / page).read_text(encoding="utf-8")))
    known = page in git("ls-tree", "--name-only", since, page, tree=tree)
    before = set(_ROW.findall(git("show", f"{since}:{page}", tree=tree))) if known else now
    ends = [path for path in migrations if _MIN_VERSION.search((tree / path).read_text("utf-8"))]
    back = (
        f"no way back but the backup once `migrate` ran ({', '.join(ends)})."
        if ends
        else f"no way back but the backup once one of these was written: {_listed(unread)}."
        if (unread := sorted(UNREADABLE_BEFORE.intersection(facts)))
        else "the version before may be started again on the migrated database."
    )
    came = (
        f"- Migrations: {_listed(migrations)}. Kinds of facts: {_listed(facts)}."
        f" Variables: {_listed(sorted(now - before))}."
    )
    upgrade = (
        "- Upgrade: back up, `vaguemestre migrate`, `vaguemestre topics`, then readers before"
        " writers: notify, sla, desk, portal, ingest. This version runs beside the one before it"
        " (N and N+1), never beside an older one."
    )
    return "\n".join(["### For operators", came, upgrade, f"- Back: {back}"])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"


def date_version(changelog: str, version: str, day: date, told: str) -> str:
    """Turns *Unreleased* of a changelog into a version's section, under a new empty one.

    Raises:
        ReleaseError: nothing stands under *Unreleased*, or the version has a section already.
    """
    head, mark, rest = changelog.partition(_UNRELEASED)
    if f"## [{version}]" in changelog:
        raise ReleaseError(f"CHANGELOG.md has a section of {version} already.")
    section, _, older = rest.partition("\n## [")
    if not mark or not section.strip():
        raise ReleaseError("CHANGELOG.md says nothing under Unreleased: write what changed.")
    older = f"\n## [{older}" if older else ""
    own = f"## [{version}] - {day:%Y-%m-%d}\n\n{section.strip()}\n\n{told}\n"
    return f"{head}{mark}\n{own}{older}"


def of_version(changelog: str, version: str) -> str:
    """Returns the section of one version in a changelog, the notes that go with a release.

    Raises:
        ReleaseError: the changelog has no such section.
    """
    found = re.search(
        rf"^## \[{re.escape(version)}\].*?(?=^## \[|\Z)", changelog, re.MULTILINE | re.DOTALL
    )
    if found is None:
        raise ReleaseError(f"CHANGELOG.md has no section of {version}.")
    return found[0].strip() + "\n"
