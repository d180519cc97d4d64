"""The units of systemd are sound, shut in alike, and leave strangers' readers their sandbox."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from services.__main__ import COMMANDS
from services.notify.settings import NotifySettings
from shared.platform import http
from tests.architecture.test_anatomy import PROJECT

UNITS = sorted(path for path in (PROJECT / "deploy/systemd").iterdir() if path.suffix)
SERVICES = {
    path.stem.removeprefix("vaguemestre-").partition("@")[0]: path
    for path in UNITS
    if path.suffix == ".service"
}
PROCESSES = {
    "ingest": "ingest run",
    "keep": "desk keep",
    "serve": "desk serve",
    "sla": "sla run",
    "notify": "notify run",
    "portal": "portal serve",
}
JOINT = {"run": "run"}
"""In place of four of them, in a small préfecture; enabled by hand."""
NIGHTLY = {"reconcile": "ingest reconcile", "verify": "desk verify"}
MONTHLY = {"drill": "drill --folder /var/lib/vaguemestre/%i/drill --site /etc/vaguemestre/%i/site"}
"""Enabled by hand, once its side database is there."""
HOST = "host"
"""In place of the units run, serve and portal of each site that it holds; of no instance."""
ALARM = "failed"
"""What systemd starts when one of these fails; no command of the program."""
PROGRAM = "/opt/vaguemestre/site-%i/bin/vaguemestre"
EXPOSURE = 20
"""Tenths: what `systemd-analyze security` calls « OK » ends at 5.0, « SAFE » at 1.0."""
EXPOSURE_OF_ROOT = 26
"""Of what gives each fork the account of its site."""


def analyze(*words: str | Path, units: Path | None = None) -> tuple[int, str]:
    program = shutil.which("systemd-analyze")
    assert program is not None, "systemd-analyze is missing: deploy/system-packages.sh"
    path = {} if units is None else {"SYSTEMD_UNIT_PATH": f"{units}:"}
    done = subprocess.run(  # noqa: S603  (our own words)
        [program, *map(str, words)], capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **path},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def settings(path: Path) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def test_there_is_a_unit_for_every_process_and_each_nightly_command() -> None:
    starts = {name: settings(path)["ExecStart"] for name, path in SERVICES.items() if name != ALARM}
    assert starts.pop(HOST) == ["/opt/vaguemestre/current/bin/vaguemestre host run"]
    assert starts == {
        name: [f"{PROGRAM} {words}"]
        for name, words in {**PROCESSES, **JOINT, **NIGHTLY, **MONTHLY}.items()
    }
    assert {words.split()[0] for words in PROCESSES.values()} <= COMMANDS.keys()
    wanted = " ".join(settings(PROJECT / "deploy/systemd/vaguemestre@.target")["Wants"]).split()
    assert sorted(wanted) == sorted(
        [f"vaguemestre-{name}@%i.service" for name in PROCESSES]
        + [f"vaguemestre-{name}@%i.timer" for name in NIGHTLY]
    )


@pytest.mark.parametrize(("name", "port"), [("serve", 8000), ("portal", 8001)])
def test_who_asks_while_pages_restart_waits_at_a_socket_that_stays(name: str, port: int) -> None:
    door = settings(PROJECT / f"deploy/systemd/vaguemestre-{name}@.socket")
    assert door["ListenStream"] == [f"127.0.0.1:{port}"]
    assert door["FileDescriptorName"] == [http.HELD]
    assert door["PartOf"] == ["vaguemestre@%i.target"], "what is stopped with all is not woken"
    service = settings(SERVICES[name])
    assert service["Requires"] == [f"vaguemestre-{name}@%i.socket"]
    assert service["After"][0].split()[-1] == f"vaguemestre-{name}@%i.socket"


def test_one_process_is_never_beside_those_that_it_holds() -> None:
    (not_beside,) = settings(SERVICES["run"])["Conflicts"]
    held = {"ingest", "keep", "sla", "notify"}
    assert set(not_beside.split()) == {f"vaguemestre-{name}@%i.service" for name in held}
    assert PROCESSES.keys() - held == {"serve", "portal"}


def test_systemd_finds_nothing_to_say_of_any_unit(tmp_path: Path) -> None:
    """Its program is not installed here: another stands for it."""
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace(PROGRAM, "/usr/bin/true")
        text = text.replace("/opt/vaguemestre/current/bin/vaguemestre", "/usr/bin/true")
        text = text.replace("/usr/local/sbin/vaguemestre-failed", "/usr/bin/true")
        (tmp_path / path.name).write_text(text)
    code, said = analyze("verify", "--man=no", *sorted(tmp_path.iterdir()), units=tmp_path)
    assert (code, said) == (0, "")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_unit_may_do_little_beside_its_work(name: str) -> None:
    most = EXPOSURE if name != HOST else EXPOSURE_OF_ROOT
    words = ("security", "--offline=true", f"--threshold={most}", SERVICES[name])
    code, said = analyze(*words)
    assert code == 0, said


def test_no_unit_looks_for_its_home_where_it_is_closed() -> None:
    """An account without a home has /home/ITS-NAME, and ProtectHome= closes /home.

    asyncpg looks there for a certificate, is refused, and nothing reaches PostgreSQL.
    """
    for path in SERVICES.values():
        assert settings(path)["ProtectHome"] == ["yes"]
        assert settings(path)["Environment"] == ["HOME=/"], path.name


def test_all_units_are_shut_in_alike() -> None:
    def shut(path: Path) -> str:
        text = path.read_text(encoding="utf-8")
        return text[text.index("NoNewPrivileges=") :].partition("\n[Install]")[0].strip()

    ways = {name: shut(path) for name, path in SERVICES.items()}
    host = set(ways.pop(HOST).splitlines())
    (others,) = {*ways.values()}
    calls = "landlock_create_ruleset landlock_add_rule landlock_restrict_self"
    assert host - set(others.splitlines()) == {
        "CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_CHOWN CAP_KILL",
        f"SystemCallFilter=@system-service @setuid @chown {calls}",
        "SystemCallFilter=~@mount @swap @reboot @obsolete @module @raw-io @clock",
    }


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_unit_takes_the_sandbox_of_strangers_files_away(name: str) -> None:
    """Without these calls its children would run without Landlock; without resources, unbounded."""
    filters = settings(SERVICES[name])["SystemCallFilter"]
    allowed = filters[0].split()
    assert {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self"} <= set(
        allowed
    )
    assert not any("@resources" in line or "@process" in line for line in filters[1:])


def test_the_public_and_the_clocks_have_accounts_of_their_own() -> None:
    users = {name: settings(path).get("User", ["-"])[0] for name, path in SERVICES.items()}
    assert users.pop("portal") == "vgm-%i-portal"
    assert users.pop(HOST) == "root", "it gives each fork its account"
    for name in ("sla", ALARM):
        assert users.pop(name) == "-"
        assert settings(SERVICES[name])["DynamicUser"] == ["yes"]
    assert set(users.values()) == {"vgm-%i"}
    portal = settings(SERVICES["portal"])
    assert portal["ReadWritePaths"] == ["/var/lib/vaguemestre/%i/spool"]
    assert "/var/lib/vaguemestre/%i/blobs" in portal["InaccessiblePaths"][0]


def test_a_child_that_is_ended_for_memory_takes_nobody_along() -> None:
    """By default systemd stops all of a unit of which the kernel ended one process."""
    policies = {name: settings(path).get("OOMPolicy") for name, path in SERVICES.items()}
    goes_on = {name for name, policy in policies.items() if policy == ["continue"]}
    assert goes_on == {HOST, "run", "ingest", "keep", "serve", "portal"}


@pytest.mark.parametrize("name", sorted({**NIGHTLY, **MONTHLY}))
def test_a_command_of_the_timers_that_fails_is_said(name: str) -> None:
    """By whom it concerns, with its own name: %N is the unit without its suffix."""
    assert settings(SERVICES[name])["OnFailure"] == ["vaguemestre-failed@%N.service"]


def test_what_is_said_of_a_failure_is_critical_and_goes_where_the_site_says(tmp_path: Path) -> None:
    def told() -> list[str]:
        done = subprocess.run(  # noqa: S603  (our own words)
            ["sh", PROJECT / "deploy/systemd/vaguemestre-failed", "vaguemestre-verify@36"],  # noqa: S607  (found on the path)
            env={"PATH": os.environ["PATH"], "VAGUEMESTRE_ETC": str(tmp_path)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout.splitlines()

    line = "<2>vaguemestre-verify@36 failed: journalctl --unit vaguemestre-verify@36 says why."
    assert told() == [line]
    program = tmp_path / "36/on-failure"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho told of $1\n")
    assert told() == [line], "a file that is no program is not run"
    program.chmod(0o755)
    assert told() == [line, "told of vaguemestre-verify@36"]


@pytest.mark.parametrize("name", sorted({**PROCESSES, **JOINT}))
def test_a_process_is_started_again_save_when_a_person_must_look(name: str) -> None:
    unit = settings(SERVICES[name])
    assert unit["Restart"] == ["always"]
    # In one process with others it would keep these from their work.
    assert unit.get("RestartPreventExitStatus") == (None if name in JOINT else ["3"])
    assert unit["StartLimitIntervalSec"] == ["0"]
    assert unit["LoadCredential"] == [f"VAGUEMESTRE:/etc/vaguemestre/%i/secrets/{name}"]
    answers = NotifySettings.model_fields["smtp_timeout"].default.total_seconds()
    assert int(unit["TimeoutStopSec"][0]) >= (answers + 10 if name in {"notify", "run"} else 10)
