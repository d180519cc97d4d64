"""`vaguemestre`: a table whose rows are only imported when they are called."""

import subprocess
import sys
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


def test_the_portal_imports_nothing_of_kafka_nor_what_only_a_site_s_apply_needs() -> None:
    """Eleven megabytes in a process that hears nothing and tells nothing."""
    script = (
        "import sys\n"
        "import services.portal.commands, services.portal.app\n"
        "found = {'aiokafka', 'faststream', 'holidays'} & set(sys.modules)\n"
        "assert not found, found\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)  # noqa: S603  (a program of ours)


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
