"""What the guide has an operator type is what the processes read, and names what a release has."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.reference.variables import CLASSES, variables
from deploy.release.artefacts import DEPLOYED
from services.ops.joint_command import JointSettings, joint_command
from shared.platform.settings import BadSetting, load
from tests.architecture.test_anatomy import PROJECT
from tests.install.guide import block, blocks, joint_block

READS = {
    "ingest": "ingest", "keep": "desk", "serve": "desk", "sla": "sla", "notify": "notify",
    "portal": "portal", "status": "status",
}  # fmt: skip
"""By the folder of its secrets, whose settings a process reads."""


def test_every_block_is_a_script_that_a_shell_can_read() -> None:
    assert len(blocks()) == 8
    done = subprocess.run(
        ["bash", "-n"], input="\n".join(blocks()), capture_output=True, text=True, check=False  # noqa: S607  (found on the path)
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_what_the_guide_takes_from_a_release_is_in_it() -> None:
    taken = re.findall(r"vaguemestre-\$VERSION/(\S*[\w*])", "\n".join(blocks()))
    assert len(taken) == 8
    for name in taken:
        assert list(PROJECT.glob(name)), name
        assert any(name.startswith(folder) for folder in DEPLOYED), name


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """/etc/vaguemestre as the guide's blocks of secrets and variables write it, elsewhere."""
    etc = tmp_path_factory.mktemp("etc")
    (etc / "36").mkdir()
    script = "\n".join(["set -eu", "SITE=36", block("site-secret"), block("VAGUEMESTRE_KAFKA=")])
    subprocess.run(
        ["bash"], input=script.replace("/etc/vaguemestre", str(etc)), text=True, check=True,  # noqa: S607  (found on the path)
    )  # fmt: skip
    return etc / "36"


def test_secrets_are_readable_by_root_alone(typed: Path) -> None:
    files = [path for path in (typed / "secrets").rglob("*") if path.is_file()]
    assert len(files) == 13
    assert {path.stat().st_mode & 0o077 for path in files} == {0}
    assert {path.read_text().count("\n") for path in files} == {1}
    one, other = (typed / f"secrets/{name}/SECRET" for name in ("ingest", "keep"))
    assert one.read_text() == other.read_text() == (typed / "site-secret").read_text()


@pytest.mark.parametrize("process", sorted(READS))
def test_a_process_finds_all_that_it_needs_in_what_the_guide_wrote(
    typed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, process: str
) -> None:
    """As systemd gives it: variables by EnvironmentFile, each file as VAGUEMESTRE_<its name>."""
    for name in [name for name in os.environ if name.startswith("VAGUEMESTRE_")]:
        monkeypatch.delenv(name)
    for path in (typed / "env", typed / f"{process}.env"):
        for line in path.read_text().splitlines() if path.exists() else ():
            name, _, value = line.partition("=")
            assert name.removeprefix("VAGUEMESTRE_") in variables()
            monkeypatch.setenv(name, value)
    for path in (typed / "secrets" / process).iterdir():
        (tmp_path / f"VAGUEMESTRE_{path.name}").write_bytes(path.read_bytes())
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    if process == "notify":
        monkeypatch.setenv("VAGUEMESTRE_SMTP_HOST", "relais.example")  # the guide: « Complétez »
    settings = load(CLASSES[READS[process]])
    roles = {"keep": "desk", "serve": "web"}
    role = f"vaguemestre_indre_{roles.get(process, process)}"
    assert settings.database_url.get_secret_value().startswith(f"postgresql://{role}:")
    named = {path.name for path in (typed / "secrets").iterdir()}
    assert process in named


def test_one_process_finds_all_that_its_four_services_need(
    typed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    etc = tmp_path / "etc"
    shutil.copytree(typed.parent, etc)
    script = joint_block().replace("/etc/vaguemestre", str(etc))
    done = subprocess.run(
        ["bash"], text=True, check=True, capture_output=True,  # noqa: S607  (found on the path)
        input=f"set -eu; SITE=36; su() {{ cat; }}; systemctl() {{ echo $*; }}\n{script}",
    )  # fmt: skip
    for name in [name for name in os.environ if name.startswith("VAGUEMESTRE_")]:
        monkeypatch.delenv(name)
    for name in ("env", "run.env"):
        for line in (etc / "36" / name).read_text().splitlines():
            variable, _, value = line.partition("=")
            monkeypatch.setenv(variable, value)
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    for path in (etc / "36/secrets/run").iterdir():
        assert path.stat().st_mode & 0o077 == 0
        (credentials / f"VAGUEMESTRE_{path.name}").write_bytes(path.read_bytes())
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    monkeypatch.setenv("VAGUEMESTRE_SMTP_HOST", "relais.example")  # the guide: « Complétez »
    joint = joint_command(load(JointSettings))
    assert joint.settings.http_port == 9101
    urls = [settings.settings.database_url.get_secret_value() for settings in joint.services]
    roles = [url.partition("//")[2].partition(":")[0] for url in urls]
    assert roles == [f"vaguemestre_indre_{name}" for name in ("ingest", "desk", "sla", "notify")]
    relay = joint.settings.database_url.get_secret_value()
    assert relay.startswith("postgresql://vaguemestre_indre_relay:")
    assert f"PASSWORD '{relay.split(':')[2].partition('@')[0]}'" in done.stdout
    assert {service.settings.pool for service in joint.services} == {4}


def test_one_process_takes_no_address_for_another_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAGUEMESTRE_KAFKA", "127.0.0.1:9092")
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", "postgresql://relay:x@127.0.0.1/letters")
    with pytest.raises(BadSetting, match="VAGUEMESTRE_DATABASE_URL_INGEST is not set"):
        joint_command(load(JointSettings))


def test_a_command_gets_the_secrets_of_its_role_and_leaves_none_behind(
    typed: Path, tmp_path: Path
) -> None:
    """Its account is this one: another needs root, and `make install-test` has it."""
    program = tmp_path / "program"
    program.write_text(
        "#!/bin/sh\n"
        "echo $VAGUEMESTRE_HTTP_PORTS\n"
        "ls $CREDENTIALS_DIRECTORY\n"
        "env | grep -c postgresql: || true\n"
        "echo $CREDENTIALS_DIRECTORY\n"
    )
    program.chmod(0o755)
    text = (PROJECT / "deploy/systemd/vaguemestre-as").read_text(encoding="utf-8")
    for ours, here in {
        "/run/vaguemestre-as": f"{tmp_path}/as",
        '-o "vgm-$site" ': "",
        'chown "vgm-$site"': "true",
        'setpriv --reuid "vgm-$site" --regid "vgm-$site" --init-groups --no-new-privs': "env",
    }.items():
        assert ours in text
        text = text.replace(ours, here)
    (tmp_path / "vaguemestre-as").write_text(text)
    done = subprocess.run(  # noqa: S603  (our own words)
        ["sh", str(tmp_path / "vaguemestre-as"), "36", "keep", "desk", "show"],  # noqa: S607  (found on the path)
        env={"PATH": os.environ["PATH"], "VAGUEMESTRE_ETC": str(typed.parent),
             "VAGUEMESTRE_PROGRAM": str(program)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ports, *names, passwords, folder = done.stdout.splitlines()
    assert ports.startswith('{"ingest": 9101, "keep": 9102,')
    assert names == ["VAGUEMESTRE_DATABASE_URL", "VAGUEMESTRE_SECRET"]
    assert passwords == "0"
    assert not Path(folder).exists()
