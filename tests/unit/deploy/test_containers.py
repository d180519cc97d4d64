"""The image's recipe, the compose file and the chart say what a hosting centre asks of them."""

import re
from typing import Any

import pytest
import yaml

from deploy.reference.variables import variables
from services.__main__ import COMMANDS
from tests.architecture.test_anatomy import PROJECT
from tests.unit.deploy.test_systemd_units import JOINT, PROCESSES

CONTAINER, CHART = PROJECT / "deploy/container", PROJECT / "deploy/helm/vaguemestre"
RECIPE = (CONTAINER / "Dockerfile").read_text(encoding="utf-8")
TEMPLATES = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((CHART / "templates").iterdir())
)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found = yaml.safe_load((CONTAINER / "compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def our_processes(compose: dict[str, Any]) -> dict[str, Any]:
    return {
        name: service
        for name, service in compose["services"].items()
        if "VAGUEMESTRE_IMAGE" in service["image"]
    }


def test_the_image_has_a_base_that_is_said_and_no_root() -> None:
    assert "\nARG BASE\nFROM ${BASE} AS ground\n" in RECIPE
    assert re.findall(r"^FROM (\S+)", RECIPE, re.MULTILINE) == ["${BASE}", "ground", "ground"]
    assert re.findall(r"^USER (\S+)", RECIPE, re.MULTILINE) == ["10001:10001"]
    assert "--no-index" in RECIPE
    assert "--require-hashes" in RECIPE


def test_no_server_image_is_chosen_for_the_operator(compose: dict[str, Any]) -> None:
    images = {service["image"] for service in compose["services"].values()}
    assert len(images) == 3
    assert all(re.fullmatch(r"\$\{[A-Z_]+_IMAGE:\?[^}]+\}", image) for image in images)


def test_compose_runs_every_process_read_only_with_secrets_in_files(
    compose: dict[str, Any],
) -> None:
    ours = our_processes(compose)
    starts = {name: " ".join(service.get("command", ())) for name, service in ours.items()}
    assert starts == {**PROCESSES, **JOINT, "owner": ""}
    assert [name for name, service in ours.items() if "profiles" in service] == ["owner", "run"]
    for name, service in ours.items():
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert f"./secrets/{name}:/run/credentials:ro" in service["volumes"]
        assert not any("PASSWORD" in key or "SECRET" in key for key in service["environment"])
    assert "data:/data" not in ours["portal"]["volumes"], "nothing of the originals"


def test_compose_and_chart_name_the_variables_of_bucket_and_deposits(
    compose: dict[str, Any],
) -> None:
    """By the names that code reads; what is secret of them stands in files."""
    services = compose["services"].values()
    in_compose = {key for service in services for key in service.get("environment", ())}
    in_chart = set(re.findall(r"name: (VAGUEMESTRE_\w+)", TEMPLATES))
    for found in (in_compose, in_chart):
        named = {
            key.removeprefix("VAGUEMESTRE_") for key in found if key.startswith("VAGUEMESTRE_")
        }
        assert named - set(variables()) == set()
        assert {"BUCKET", "BUCKET_ENDPOINT", "DEPOSITS_URL", "DEPOSITS_PORT"} <= named
    assert compose["services"]["portal"]["environment"]["VAGUEMESTRE_BUCKET"] is None, "by .env"


def test_what_the_servers_keep_lies_in_volumes_with_a_name(compose: dict[str, Any]) -> None:
    """What an image would keep in a volume of no name, or below /tmp, is left behind by `down`."""
    for name, kept in (("postgres", "PGDATA"), ("kafka", "KAFKA_LOG_DIRS")):
        service = compose["services"][name]
        volume, _, place = service["volumes"][0].partition(":")
        assert volume in compose["volumes"]
        assert f"{service['environment'][kept]}/".startswith(f"{place}/")


def test_kafka_is_announced_as_the_processes_reach_it(compose: dict[str, Any]) -> None:
    services = compose["services"]
    announced = services["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert announced == f"PLAINTEXT://{services['ingest']['environment']['VAGUEMESTRE_KAFKA']}"


def test_volumes_of_a_name_belong_to_the_account_of_the_image(compose: dict[str, Any]) -> None:
    made = re.findall(r"^RUN install -d -o 10001 -g 10001 -m 0700 (.+)$", RECIPE, re.MULTILINE)
    folders = set(made[0].split())
    mounted = {
        volume.rpartition(":")[2]
        for service in our_processes(compose).values()
        for volume in service["volumes"]
        if not volume.endswith(":ro")
    }
    assert {"/data", "/data/spool", "/data/scans"} <= mounted <= folders


def test_every_process_takes_any_variable_by_a_file_that_holds_no_secret(
    compose: dict[str, Any],
) -> None:
    ours = our_processes(compose)
    assert all(service["env_file"] == ["prefecture.env"] for service in ours.values())
    said = (CONTAINER / "prefecture.env").read_text(encoding="utf-8")
    named = set(re.findall(r"VAGUEMESTRE_(\w+)=", said))
    assert named
    assert named - set(variables()) == set()
    assert not any("PASSWORD" in name or "SECRET" in name for name in named)


def test_a_copier_of_the_house_reaches_the_folder_of_scans(compose: dict[str, Any]) -> None:
    for name in ("ingest", "run"):
        volumes = compose["services"][name]["volumes"]
        assert "${SCANS:-./scans}:/data/scans" in volumes, name


def test_every_value_of_the_chart_is_used_and_every_one_used_is_there() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    used = set(re.findall(r"\.Values\.(\w+)", TEMPLATES))
    assert used == values.keys()


def test_the_example_of_values_says_what_the_chart_knows_and_all_that_it_asks_for() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    example = yaml.safe_load((CHART / "values.example.yaml").read_text(encoding="utf-8"))
    assert example.keys() <= values.keys()
    asked = set(re.findall(r'required "([\w.]+):', TEMPLATES))
    assert asked == {
        "site", "image", "kafka.servers", "deskUrl", "portalUrl", "proxies", "oidc.issuer",
        "smtpHost", "claims.blobs", "claims.spool", "claims.serveSpool", "claims.portalSpool",
        "bucket.endpoint",
    }  # fmt: skip
    for path in asked:
        said: Any = example
        for step in path.split("."):
            said = said[step]
        assert said, path


def test_a_job_that_applies_rules_has_a_name_of_its_own_at_each_revision() -> None:
    """A job can't be changed: with one name the next upgrade would be refused."""
    assert '"name" (printf "apply-%d" .Release.Revision)' in TEMPLATES


def test_the_chart_says_that_it_was_never_run() -> None:
    said = (CHART / "README.md").read_text(encoding="utf-8")
    assert "**It was never run in a cluster.**" in said
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert chart["version"] == chart["appVersion"]


def test_the_chart_runs_the_commands_that_there_are_and_asks_live_and_ready() -> None:
    listed = re.findall(r'"(\w+)" \(list ([^)]*)\)', TEMPLATES)
    starts = {name: " ".join(re.findall(r'"([^"]+)"', words)) for name, words in listed}
    assert {name: starts[name] for name in {**PROCESSES, **JOINT}} == {**PROCESSES, **JOINT}
    assert {words.split()[0] for words in starts.values()} <= COMMANDS.keys()
    assert "path: /live" in TEMPLATES
    assert "path: /ready" in TEMPLATES
    assert "readOnlyRootFilesystem: true" in TEMPLATES
    assert "secretKeyRef" not in TEMPLATES, "secrets are files"
