"""Prometheus finds the processes of `vaguemestre up` by one file."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import yaml

from deploy.embedded.processes import COMMANDS
from deploy.embedded.scraping import scrape_file

PORTS = {command.name: 9_000 + number for number, command in enumerate(COMMANDS)}


def test_every_process_is_scraped_under_its_name() -> None:
    (job,) = yaml.safe_load(scrape_file(PORTS, "indre"))["scrape_configs"]
    found = {group["labels"]["process"]: group["targets"] for group in job["static_configs"]}
    assert {group["labels"]["site"] for group in job["static_configs"]} == {"indre"}
    assert found == {
        "ingest": ["127.0.0.1:9000"],
        "desk-keep": ["127.0.0.1:9001"],
        "desk": ["127.0.0.1:9002"],
        "sla": ["127.0.0.1:9003"],
        "notify": ["127.0.0.1:9004"],
        "portal": ["127.0.0.1:9005"],
    }


def test_prometheus_itself_takes_the_file(
    needs_debian: Callable[[str], Path], tmp_path: Path
) -> None:
    promtool = needs_debian("promtool")
    path = tmp_path / "prometheus.yml"
    path.write_text(scrape_file(PORTS, "indre"))
    said = subprocess.run(  # noqa: S603  (our own file)
        [promtool, "check", "config", str(path)], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    assert "SUCCESS" in said.stdout
    assert "rule files found" in said.stdout or "rules found" in said.stdout
