"""What Java learns at setup: kept whole or not at all, and no reason for setup to stop."""

import imaplib
import sys
import time
from pathlib import Path

import pytest

from deploy.embedded import learn_java
from deploy.embedded.child import Child
from deploy.embedded.errors import EmbeddedError


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setattr(
        learn_java, "learned_archive", lambda class_path: folder / f"{class_path}.aot"
    )
    monkeypatch.setattr(learn_java, "kafka_class_path", lambda: "kafka")
    monkeypatch.setattr(learn_java, "mail_class_path", lambda: "mail")
    return folder


def written(_: Path, to: Path) -> None:
    to.write_bytes(b"learned")


def test_a_server_that_answers_oddly_stops_no_setup(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def odd(_: Path, to: Path) -> None:
        to.write_bytes(b"half")
        raise imaplib.IMAP4.error("LOGIN failed")

    monkeypatch.setattr(learn_java, "_learn_kafka", odd)
    monkeypatch.setattr(learn_java, "_learn_mail", written)
    assert learn_java.main() == 0
    assert capsys.readouterr().err == "Kafka will start as slowly as ever: LOGIN failed\n"
    assert [path.name for path in cache.iterdir()] == ["mail.aot"]


def test_what_a_killed_java_left_is_not_kept(cache: Path, tmp_path: Path) -> None:
    def killed(_: Path, to: Path) -> None:
        to.write_bytes(b"half")
        java = Child("java", [sys.executable, "-c", "input()"], tmp_path / "java.log")
        java.kill()
        learn_java.end_writing(java)

    with pytest.raises(EmbeddedError, match="Java ended with -9"):
        learn_java.learn("kafka", killed)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("code", [0, 143])
def test_what_a_java_wrote_that_ended_well_is_kept(cache: Path, tmp_path: Path, code: int) -> None:
    def ended(work: Path, to: Path) -> None:
        written(work, to)
        java = Child("java", [sys.executable, "-c", f"exit({code})"], tmp_path / "java.log")
        while java.exit_code is None:
            time.sleep(0.01)
        learn_java.end_writing(java)

    assert learn_java.learn("kafka", ended).read_bytes() == b"learned"
    assert [path.name for path in cache.iterdir()] == ["kafka.aot"]
