"""The pages lead somewhere, name what exists, and print no figure that a command contradicts."""

import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from deploy.embedded import processes
from services.__main__ import COMMANDS, main
from shared.site.load import load_folder
from tests.architecture.test_anatomy import PROJECT, ours
from tests.architecture.test_packaging import project
from tests.bench import questions

PAGES = [path for path in ours(".") if path.suffix == ".md" and "tests/" not in str(path)]
DEVELOPERS = [path for path in ours("docs/how-to", "docs/tutorial") if path.suffix != ".png"]
README = PROJECT / "README.md"
DECISIONS = ours("docs/decisions")

LINK = re.compile(r"\]\((?!https?:|mailto:)(?P<to>[^)#\s]*)(?:#(?P<anchor>[^)\s]*))?\)")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
ANCHOR = re.compile(r'<a id="([^"]+)">')
IN_OURS = r"(?:services|shared|deploy|tests|docs|\.ci)"
NAMED = re.compile(rf"`({IN_OURS}/[\w./-]*\w/?)")
IN_DIFF = re.compile(r"^(?:---|\+\+\+) [ab]/(.+)$", re.MULTILINE)
MADE_BY_DIFF = re.compile(r"^new file mode.*\n(?:index.*\n)?---.*\n\+\+\+ b/(.+)$", re.MULTILINE)
MADE_BY_READER = {"tests/golden/VisitNoted.json", "deploy/site/indre/templates/invitation.txt.j2"}
"""What a how-to has its reader write."""
SAID = re.compile(r'"""(.*?)"""|#(?!:)(.*?)$', re.MULTILINE | re.DOTALL)
"""Docstrings and comments, and the texts of SQL, which name no file."""
FILE = re.compile(r"(?<![\w./*<-])((?:[a-z_][\w.-]*/)*[a-z_]\w*\.(?:py|md|sql|typ))\b(?!/)")
CALLED_SO_OUTSIDE = {"verifier.py"}
"""What whoever has a proof calls it, in texts for them."""
NUMERAL = re.compile(
    r"(?i)\b(?:\d[\w.,/%-]*|(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|"
    r"twenty|thirty|hundred|thousand)\b|\w+teen(?:th)?\b)"
)
HELD = {
    r"version [\d.]+": "test_the_front_door_says_version_and_licence",
    r"EUPL-1\.2": "test_the_front_door_says_version_and_licence",
    r"Monday 11 May 2026": (
        "test_the_deadline_in_the_pictures_words_is_the_one_expected_of_the_demo"
    ),
    r"fifteen jours ouvrés one by one, .+ 3 June, the reply on the nineteenth": (
        "test_the_deadline_in_the_pictures_words_is_the_one_expected_of_the_demo"
    ),
    r"\d+ of \d+ inputs": "test_every_input_of_the_demos_month_is_counted_in_the_readme",
    r"\d+/\d+ = \d+%": "test_the_kept_rate_of_the_readme_is_the_one_expected_of_the_demo",
    r"twelve questions .+ 60 seconds": (
        "test_the_questions_of_an_audit_are_as_many_and_as_fast_as_the_readme_says"
    ),
    r"15 jours ouvrés from \S+ end on \S+": (
        "test_the_limit_in_the_readme_is_what_its_command_prints"
    ),
    r"\d+ kinds of facts": "test_the_number_of_kinds_of_facts_is_that_of_their_goldens",
    r"\d+ processes, each": (
        "test_the_processes_of_the_readme_are_those_that_run_and_their_roles_their_own"
    ),
    r"Five laws": "test_the_laws_that_the_readme_counts_are_those_of_the_design",
    r"\d+ jours ouvrés for an email, \d+ for a letter": (
        "test_the_delays_that_the_readme_owns_to_are_those_of_the_example"
    ),
    r"Microsoft 365": "a product's name",
    r"Python ≥ [\d.]+": "test_the_readme_asks_for_the_python_of_the_package",
}
"""What in the README has a number, by the test that fails when it is no longer so, or why none."""
DEMO = yaml.safe_load((PROJECT / "deploy/demo/expected.yaml").read_text(encoding="utf-8"))


def named(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def slug(heading: str) -> str:
    """As forges make the anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    text = page.read_text(encoding="utf-8")
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)} | set(
        ANCHOR.findall(text)
    )


def dead_links(page: Path) -> Iterator[str]:
    for link in LINK.finditer(FENCED.sub("", page.read_text(encoding="utf-8"))):
        target = page.parent / link["to"] if link["to"] else page
        if not target.exists() or (link["anchor"] and link["anchor"] not in anchors(target)):
            yield link[0]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert list(dead_links(page)) == []


@pytest.mark.parametrize("page", DEVELOPERS, ids=named)
def test_what_a_page_for_developers_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    paths = {*NAMED.findall(text), *IN_DIFF.findall(text)} - {*MADE_BY_DIFF.findall(text)}
    there = paths - MADE_BY_READER - {path for path in paths if re.search(r"[A-Z]{4}", path)}
    assert sorted(path for path in there if not (PROJECT / path).exists()) == []


@pytest.mark.parametrize("folder", ["services", "shared", "deploy", "tests"])
def test_every_file_that_the_code_names_is_there(folder: str) -> None:
    """By its path in the project or from a folder above: `store/` of services/desk and its own."""
    dead = [
        f"{named(path)}: {name}"
        for path in ours(folder)
        if path.suffix == ".py"
        for said in SAID.finditer(path.read_text(encoding="utf-8"))
        for name in FILE.findall(said[1] or said[2] or "")
        if name not in CALLED_SO_OUTSIDE
        if not any((above / name).exists() for above in path.parents)
    ]
    assert dead == []


def test_the_map_of_the_docs_leads_to_every_page_of_theirs() -> None:
    text = (PROJECT / "docs/README.md").read_text(encoding="utf-8")
    linked = {link["to"].removesuffix("/") for link in LINK.finditer(text)}
    pages = [str(path.relative_to(PROJECT / "docs")) for path in PAGES if "docs/" in str(path)]
    assert [page for page in pages if not _led_to(page, linked)] == []


def _led_to(page: str, linked: set[str]) -> bool:
    return page in {*linked, "README.md", "guide/README.md"} or page.startswith("decisions/")


@pytest.mark.parametrize("page", DECISIONS, ids=lambda path: path.name[:4])
def test_a_decision_is_headed_by_its_number_and_title(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    head = re.match(r"# (\d+)\. .{15,90}\n", text)
    assert head is not None
    assert int(head[1]) == int(page.name[:4])
    for part in ("**Context.**", "**Decision"):
        assert part in text, part


def test_no_number_of_a_decision_is_given_twice() -> None:
    numbers = [page.name[:4] for page in DECISIONS]
    assert sorted(set(numbers)) == sorted(numbers)


# The front door: each figure of the README beside what prints it.


@pytest.fixture(scope="module")
def readme() -> str:
    return README.read_text(encoding="utf-8")


def test_the_front_door_says_version_and_licence(readme: str) -> None:
    assert f"version {project()['version']}" in readme
    assert project()["license"] in readme
    assert len(readme.splitlines()) <= 90, "a visitor has a minute"


def test_every_input_of_the_demos_month_is_counted_in_the_readme(readme: str) -> None:
    inputs = sum(DEMO["words"].values())
    assert f"{inputs} of {inputs} inputs" in readme
    tutorial = (PROJECT / "docs/tutorial/first-hour.md").read_text(encoding="utf-8")
    assert f"{inputs} of {inputs} inputs" in tutorial


def test_the_kept_rate_of_the_readme_is_the_one_expected_of_the_demo(readme: str) -> None:
    kept, judged = (sum(column) for column in zip(*DEMO["kept"].values(), strict=True))
    assert f"{kept}/{judged} = {kept / judged:.0%}" in readme


def test_the_limit_in_the_readme_is_what_its_command_prints(readme: str) -> None:
    line = re.search(r"15 jours ouvrés from (\S+) end on (\S+) \| `vaguemestre (.+?)`", readme)
    assert line is not None
    said = CliRunner().invoke(main, line[3].split())
    assert said.exit_code == 0
    assert line[1] in line[3]
    assert date.fromisoformat(line[2]) == date(2026, 6, 3)
    assert line[2] in said.output


def test_the_number_of_kinds_of_facts_is_that_of_their_goldens(readme: str) -> None:
    assert f"| {len(list((PROJECT / 'tests/golden').glob('*.json')))} kinds of facts" in readme


def test_the_delays_that_the_readme_owns_to_are_those_of_the_example(readme: str) -> None:
    rows = load_folder(PROJECT / "deploy/site/indre").commitments.commitments
    mail, letter = (
        next(row for row in rows if row.id == name)
        for name in ("reponse-courriel", "reponse-courrier")
    )
    assert {mail.source.certainty, letter.source.certainty} == {"likely"}
    assert f"({mail.days} jours ouvrés for an email, {letter.days} for a letter)" in readme


def test_the_deadline_in_the_pictures_words_is_the_one_expected_of_the_demo(readme: str) -> None:
    carte = [date(2026, 5, 11), date(2026, 6, 3), "late", 19]
    assert DEMO["replies"]["carte-en-retard"] == carte
    assert "This letter came on Monday 11 May 2026;" in readme
    assert "fifteen jours ouvrés one by one, the limit on Wednesday 3 June" in readme
    assert "3 June, the reply on the nineteenth]" in readme


def test_the_questions_of_an_audit_are_as_many_and_as_fast_as_the_readme_says(readme: str) -> None:
    """The bench exits with 1 when one of them takes longer."""
    asked = yaml.safe_load(questions.QUESTIONS.read_text(encoding="utf-8"))
    assert len({question["id"] for question in asked}) == len(asked) == 12
    line = re.search(r"the twelve questions of an audit .+ within (\d+) seconds \| `(.+?)`", readme)
    assert line is not None
    assert int(line[1]) == questions.SECONDS
    assert line[2] == f"make bench WHAT={Path(questions.__file__).stem}"


def test_the_processes_of_the_readme_are_those_that_run_and_their_roles_their_own(
    readme: str,
) -> None:
    roles = {command.role for command in processes.COMMANDS}
    assert len(roles) == len(processes.COMMANDS)
    assert f"| {len(roles)} processes, each under a database role of its own |" in readme


def test_a_clone_takes_the_room_that_the_readme_says(readme: str) -> None:
    """`du -sh .venv`, in which the packages and the servers are."""
    files = {
        (found.st_dev, found.st_ino): found.st_blocks * 512
        for path in Path(sys.prefix).rglob("*")
        if (found := path.lstat())
    }
    assert "more than a gigabyte (`du -sh .venv`)" in readme
    assert 1 <= sum(files.values()) / 2**30 < 2


def test_the_readme_asks_for_the_python_of_the_package(readme: str) -> None:
    assert project()["requires-python"] == ">=3.11"
    assert "\nPython ≥ 3.11, `make`" in readme


def test_the_laws_that_the_readme_counts_are_those_of_the_design(readme: str) -> None:
    design = (PROJECT / "docs/design.md").read_text(encoding="utf-8")
    section = design.partition("## 1. Five laws\n")[2].partition("\n## ")[0]
    assert re.findall(r"^(\d)\. \*\*", section, re.MULTILINE) == list("12345")
    assert "Five laws say what must hold: [design](docs/design.md)" in readme


def test_no_figure_of_the_readme_stands_without_what_holds_it(readme: str) -> None:
    """Digits and numerals that no row of HELD has: give each its command and its test."""
    text = re.sub(r"`[^`\n]+`|\]\([^)]+\)", "", FENCED.sub("", readme))
    for phrase, holder in HELD.items():
        text, found = re.subn(phrase, "", text)
        assert found, f"{phrase} no longer stands in the README"
        assert holder in globals() or " " in holder, holder
    assert NUMERAL.findall(text) == []


def commands(text: str) -> Sequence[str]:
    """The first word behind `vaguemestre` and `make`, where code says it."""
    code = "\n".join([*FENCED.findall(text), *re.findall(r"`([^`\n]+)`", FENCED.sub("", text))])
    return re.findall(r"\b(vaguemestre|make) ([a-z][a-z-]+)", code)


@pytest.mark.parametrize("page", [README, *DEVELOPERS, PROJECT / "CONTRIBUTING.md"], ids=named)
def test_every_command_that_a_page_has_one_type_exists(page: Path) -> None:
    targets = subprocess.run(
        ["make", "-pRrq", "help"],  # noqa: S607  (found on the path)
        cwd=PROJECT, capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    for program, word in commands(page.read_text(encoding="utf-8")):  # type: ignore[str-unpack]  # two letters
        if program == "vaguemestre":
            assert word in COMMANDS, word
        else:
            assert re.search(rf"^{word}:", targets, re.MULTILINE), word
