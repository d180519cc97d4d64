"""DATA/run.json only shows what runs: what can't be shown runs all the same."""

import json
import stat
from pathlib import Path

from deploy.embedded.launch import show_running


def test_what_runs_is_shown_to_its_owner_alone(tmp_path: Path) -> None:
    told: list[str] = []
    show_running(tmp_path, {"pids": {"sla": 7}}, told.append)
    assert json.loads((tmp_path / "run.json").read_text()) == {"pids": {"sla": 7}}
    assert stat.S_IMODE((tmp_path / "run.json").stat().st_mode) == 0o600
    assert told == []


def test_a_disk_that_takes_nothing_is_told_and_ends_nothing(tmp_path: Path) -> None:
    told: list[str] = []
    show_running(tmp_path / "nowhere", {"pids": {}}, told.append)
    assert told == [
        "run.json can't be written (No such file or directory): it shows what ran before."
    ]
