"""`vaguemestre`: a table whose rows are only imported when they are called."""

import json
import subprocess
import sys
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.embedded import commands
from deploy.embedded.launch import LaunchPlan
from services.__main__ import COMMANDS, Entry, is_available, main


@pytest.fixture
def _with_a_missing_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "later", Entry("services.later", "later", "Not there yet."))


def test_the_help_shows_a_line_for_each_command() -> None:
    shown = CliRunner().invoke(main, ["--help"])
    assert shown.exit_code == 0
    assert ["up", "Run everything on this machine."] in [
        line.split(maxsplit=1) for line in shown.output.splitlines()
    ]


@pytest.mark.usefixtures("_with_a_missing_module")
def test_a_command_whose_module_does_not_exist_is_neither_listed_nor_found() -> None:
    assert not is_available("later")
    assert "later" not in CliRunner().invoke(main, ["--help"]).output
    refused = CliRunner().invoke(main, ["later"])
    assert refused.exit_code == 2
    assert "No such command 'later'" in refused.output


def test_every_command_that_is_there_can_be_called() -> None:
    for name in COMMANDS:
        if is_available(name):
            shown = CliRunner().invoke(main, [name, "--help"])
            assert shown.exit_code == 0, (name, shown.output)


def test_asking_for_help_imports_no_command() -> None:
    script = (
        "import sys\n"
        "from services.__main__ import main\n"
        "main(['--help'], standalone_mode=False)\n"
        "assert 'deploy.embedded.commands' not in sys.modules\n"
        "assert 'aiokafka' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)  # noqa: S603  (a program of ours)


PRINTING = {"typst", "pypdfium2", "rich", "pygments"}
NEVER = PRINTING | {"python_calamine", "tesserocr", "obstore", "holidays", "segno", "yaml"}
"""What none of them needs before somebody asks for it."""
KAFKA = {"aiokafka", "faststream", "cramjam"}
LIVES: Mapping[str, tuple[str, AbstractSet[str]]] = {
    "desk serve": (
        "from services.desk import features as f, page_process; f.all_pages(), f.all_mounts()",
        NEVER
        | KAFKA
        | {"lxml", "services.desk.app", "services.desk.commands", "services.desk.handlers"},
    ),
    "run": (
        "from services.desk import features; features.all_jobs()",
        NEVER
        | {"lxml", "inscriptis", "cryptography.x509"}
        | {"services.desk.pages.serve", "services.desk.pages.page", "services.desk.commands"},
    ),
    "portal serve": ("import services.portal.app", NEVER | KAFKA | {"lxml", "httpx"}),
}  # fmt: skip
"""The three processes of a small préfecture: what each imports besides, and never."""
IMPORTED = """
import json, os, sys
from services.__main__ import main
lives = json.loads(sys.argv[1])
for name, (besides, never) in lives.items():
    if not os.fork():
        command = main
        for word in name.split():
            context = command.make_context(word, [], resilient_parsing=True)
            command = command.get_command(context, word)
        exec(besides)
        print(name, sorted(set(never) & set(sys.modules)), flush=True)
        os._exit(0)
    assert os.wait()[1] == 0
"""


def test_a_process_imports_what_it_does_and_nothing_that_others_do() -> None:
    """Eighty megabytes of the three processes that a small préfecture is (decisions 218, 219)."""
    lives = {name: (besides, sorted(never)) for name, (besides, never) in LIVES.items()}
    told = subprocess.run(  # noqa: S603  (a program of ours)
        [sys.executable, "-c", IMPORTED, json.dumps(lives)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert told.stdout.splitlines() == [f"{name} []" for name in LIVES]


def test_up_refuses_a_folder_without_rules_in_words(tmp_path: object) -> None:
    refused = CliRunner().invoke(
        main, ["up", "--data", f"{tmp_path}/data", "--site", f"{tmp_path}"]
    )
    assert refused.exit_code == 1
    assert "site.yaml" in refused.output


def test_up_refuses_a_moment_that_is_none_before_anything_starts(tmp_path: Path) -> None:
    refused = CliRunner().invoke(main, ["up", "--data", str(tmp_path / "up"), "--story", "soon"])
    assert refused.exit_code == 1
    assert "'soon' is no moment" in refused.output
    assert not (tmp_path / "up").exists()


@pytest.mark.parametrize(("words", "durable"), [((), True), (("--throwaway",), False)])
def test_up_waits_for_the_disk_unless_it_is_told_that_nothing_need_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, words: tuple[str, ...], durable: bool
) -> None:
    plans: list[LaunchPlan] = []

    async def run(plan: LaunchPlan) -> int:
        plans.append(plan)
        return 0

    monkeypatch.setattr(commands, "_run", run)
    done = CliRunner().invoke(main, ["up", "--data", str(tmp_path / "up"), *words])
    assert done.exit_code == 0
    assert [plan.durable for plan in plans] == [durable]
