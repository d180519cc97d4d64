"""Secrets and ports that are made up once, and a folder that only one stack may hold."""

import fcntl
import json
import socket
import stat
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.embedded.data_folder import kept_port, kept_secret
from deploy.embedded.errors import EmbeddedError
from deploy.embedded.mail import EmbeddedMailbox
from deploy.embedded.ports import free_port, is_free
from deploy.embedded.stack import occupy, password_variable


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = kept_secret(tmp_path, "secret")
    assert len(first) == 32
    assert kept_secret(tmp_path, "secret") == first
    assert kept_secret(tmp_path, "other") != first
    path = tmp_path / "secrets" / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_port_is_kept_as_long_as_it_is_free(tmp_path: Path) -> None:
    port = kept_port(tmp_path, "desk")
    assert kept_port(tmp_path, "desk") == port
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert kept_port(tmp_path, "desk") != port


def test_of_two_stacks_that_start_at_once_one_has_the_port_that_both_wish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wished, (one, other) = free_port(), (tmp_path / "one", tmp_path / "other")
    monkeypatch.setenv("VAGUEMESTRE_CACHE", str(tmp_path / "cache"))  # in which nobody claims yet
    (tmp_path / "cache" / "ports").mkdir(parents=True)
    with (tmp_path / "cache" / "ports" / str(wished)).open("w") as started:
        fcntl.flock(started, fcntl.LOCK_EX)  # as a stack does that has not yet bound it
        assert kept_port(one, "desk", first=wished) != wished
    assert kept_port(other, "desk", first=wished) == wished
    assert kept_port(other, "desk", first=wished) == wished


def test_a_port_is_not_given_twice() -> None:
    ports = [free_port() for _ in range(50)]
    assert len(set(ports)) == 50
    assert all(is_free(port) for port in ports)


def test_a_port_that_another_process_was_given_is_not_given_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, drawn = kept_port(tmp_path, "desk"), iter([7, 8, 9])
    cache = tmp_path / "cache"
    (cache / "ports").mkdir(parents=True)
    monkeypatch.setenv("VAGUEMESTRE_CACHE", str(cache))  # in which nobody claims yet
    monkeypatch.setattr("deploy.embedded.ports.is_free", lambda _: True)
    monkeypatch.setattr("secrets.randbelow", lambda _: next(drawn))
    with ExitStack() as started:
        for port in (20_007, kept):  # as another stack does that has not yet bound them
            file = started.enter_context((cache / "ports" / str(port)).open("w"))
            fcntl.flock(file, fcntl.LOCK_EX)
        assert free_port() == 20_008
        assert kept_port(tmp_path, "desk") == 20_009


def test_a_second_stack_on_the_same_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with (
        occupy(tmp_path),
        pytest.raises(EmbeddedError, match=r"Another `vaguemestre up` uses .*stop it, or choose"),
        occupy(tmp_path),
    ):
        pass
    with occupy(tmp_path):
        pass


def test_a_folder_is_held_only_when_the_servers_of_a_killed_stack_have_ended(
    tmp_path: Path,
) -> None:
    last = tmp_path / "ended"
    words = "import sys, time; time.sleep(0.5); open(sys.argv[2], 'w').close()"
    nap = [sys.executable, "-S", "-c", words, str(tmp_path), str(last)]
    with subprocess.Popen(nap) as server:  # noqa: S603 (argv is ours)
        (tmp_path / "run.json").write_text(json.dumps({"pids": {"kafka": server.pid}}))
        reaper = threading.Thread(target=server.wait)
        reaper.start()
        with occupy(tmp_path):
            assert last.exists()
        reaper.join()
    assert not (tmp_path / "run.json").exists()


def test_the_variable_of_a_mailbox_is_written_like_the_sites_tables_say() -> None:
    assert password_variable("pref-bmi") == "VAGUEMESTRE_PASSWORD_PREF_BMI"


@pytest.mark.parametrize(
    "address", ["bmi", "bmi@indre.example,x:y@z", "b:m@indre.example", "a b@c"]
)
def test_an_address_that_the_mail_server_would_misread_is_refused(address: str) -> None:
    with pytest.raises(EmbeddedError):
        EmbeddedMailbox(address, "secret")


def test_a_password_that_the_mail_server_would_misread_is_refused_without_being_shown() -> None:
    with pytest.raises(EmbeddedError) as refused:
        EmbeddedMailbox("bmi@indre.example", "a@b,c")
    assert "a@b,c" not in str(refused.value)
