"""A release says what operators must do, and what it packs has the same octets each time."""

import subprocess
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.release import artefacts, notes
from deploy.release.notes import ReleaseError
from services.__main__ import main
from tests.architecture.test_anatomy import PROJECT

CHANGELOG = """# Changelog

## [Unreleased]

### Added
- A page.

## [0.1.0] - 2026-11-01

- The first.
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Two commits, of which the first is tagged: a migration, a fact and a variable came."""

    def commit(**files: str) -> None:
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/").replace("_sql", ".sql")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        git("add", ".")
        git("-c", "user.name=x", "-c", "user.email=x@y.example", "commit", "-qm", "Change")

    def git(*words: str) -> None:
        subprocess.run(["git", *words], cwd=tmp_path, check=True)  # noqa: S603, S607  (a tree of ours)

    page = "docs__guide__variables.md"
    git("init", "-q")
    commit(**{"services__desk__sql__0001_sql": "", page: "| `KAFKA` | tous |\n"})
    git("tag", "v0.1.0")
    commit(
        **{
            "services__desk__sql__0002_sql": "-- min_version: 4\n",
            "tests__golden__ItemSeen.json": "{}",
            "tests__golden__upgrade__0.1.0__x.json": "{}",
            page: "| `KAFKA` | tous |\n| `SYSLOG_CA` | desk |\n",
        }
    )
    return tmp_path


def test_operators_read_which_migrations_facts_and_variables_came(tree: Path) -> None:
    said = notes.found_by_git("v0.1.0", tree)
    assert "Migrations: `services/desk/sql/0002.sql`." in said
    assert "Kinds of facts: `ItemSeen`." in said
    assert "Variables: `SYSLOG_CA`." in said
    assert "no way back but the backup" in said, "a migration raises min_version"


def test_a_fact_that_the_version_before_cannot_read_ends_the_way_back(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tree / "services/desk/sql/0002.sql").write_text("")
    said = notes.found_by_git("v0.1.0", tree)
    assert "Back: the version before may be started again" in said
    monkeypatch.setattr(notes, "UNREADABLE_BEFORE", frozenset({"ItemSeen", "Other"}))
    said = notes.found_by_git("v0.1.0", tree)
    assert "Back: no way back but the backup once one of these was written: `ItemSeen`." in said


@pytest.mark.parametrize(
    "kind",
    [
        *("NoteWritten", "OpinionAsked", "RegisteredLetterSent", "DeliveryNoticed"),
        *("SecureMailSent", "SecureMailRead"),
    ],
)
def test_the_facts_that_the_version_before_can_not_read_are_known(kind: str, tree: Path) -> None:
    (tree / "services/desk/sql/0002.sql").write_text("")
    (tree / "tests/golden/ItemSeen.json").rename(tree / f"tests/golden/{kind}.json")
    for words in (
        ["add", "-A"],
        ["-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qm", "c"],
    ):
        notes.git(*words, tree=tree)
    assert f"once one of these was written: `{kind}`." in notes.found_by_git("v0.1.0", tree)


def test_what_is_unreleased_becomes_the_version_under_an_empty_one() -> None:
    text = notes.date_version(
        CHANGELOG, "0.2.0", date(2026, 12, 1), "### For operators\n- Nothing."
    )
    assert text == CHANGELOG.replace(
        "## [Unreleased]\n",
        "## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n",
    ).replace("- A page.\n", "- A page.\n\n### For operators\n- Nothing.\n")
    assert notes.of_version(text, "0.2.0").splitlines()[-1] == "- Nothing."


@pytest.mark.parametrize("text", [CHANGELOG.replace("### Added\n- A page.\n", ""), "# Changelog\n"])
def test_a_release_without_a_word_is_refused(text: str) -> None:
    with pytest.raises(ReleaseError, match="write what changed"):
        notes.date_version(text, "0.2.0", date(2026, 12, 1), "")
    with pytest.raises(ReleaseError, match=r"a section of 0\.1\.0 already"):
        notes.date_version(CHANGELOG, "0.1.0", date(2026, 12, 1), "")


def test_what_is_packed_has_the_same_octets_whenever_it_is_packed(tmp_path: Path) -> None:
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        for file in ("b", "a") if name == "one" else ("a", "b"):
            (folder / file).write_text(file)
        artefacts.pack_tar(tmp_path / f"{name}.tar", 1_000_000_000, (folder, "wheelhouse"))
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "other.tar").read_bytes()


def test_the_sums_are_those_that_sha256sum_checks(tmp_path: Path) -> None:
    (tmp_path / "NOTES.md").write_text("said")
    artefacts.write_sums(tmp_path)
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],  # noqa: S607  (found on the path)
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "NOTES.md: OK\n"


def test_whatever_is_handed_over_is_there() -> None:
    missing = [name for name in artefacts.DEPLOYED if not (PROJECT / name).exists()]
    assert missing == []
    assert (PROJECT / artefacts.PARTS_LIST).read_text("utf-8").startswith(("arrow==", "attrs=="))


def test_a_tree_says_its_version_and_no_commit_and_an_export_has_its_mark() -> None:
    said = CliRunner().invoke(main, ["--version"]).output
    assert "commit" not in said
    assert (PROJECT / "services/commit.txt").read_text("ascii") == "$Format:%H$\n"
    assert "services/commit.txt export-subst" in (PROJECT / ".gitattributes").read_text("ascii")
