"""What is kept in the cache is whole and has the checksum of the lock."""

import hashlib
import re
from pathlib import Path

import pytest
from jgo.maven import Artifact

from deploy.embedded import downloads
from deploy.embedded.errors import EmbeddedError

_FOLDER = Path(downloads.__file__).parent
_LOCKS = (
    *("jgo.toml", "jgo.lock.toml", "tessdata/package.json", "tessdata/package-lock.json"),
    *("web/package.json", "web/package-lock.json", "verapdf.lock.toml"),
)


@pytest.mark.parametrize("name", _LOCKS)
def test_a_lock_names_no_host(name: str) -> None:
    assert not re.search(r"https?://|resolved", (_FOLDER / name).read_text())


def test_a_jar_with_another_checksum_is_refused_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deliver(artifact: Artifact) -> Path:
        path = Path(artifact.cached_path)  # type: ignore[arg-type]  # typed by hand
        path.parent.mkdir(parents=True)
        path.write_bytes(b"something else")
        return path

    monkeypatch.setenv("VAGUEMESTRE_CACHE", str(tmp_path))
    monkeypatch.setattr(Artifact, "resolve", deliver)
    with pytest.raises(EmbeddedError, match=r"greenmail-standalone .* it was not kept"):
        downloads.mail_class_path()
    assert list((tmp_path / "jars").iterdir()) == []


def test_a_network_that_fails_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Artifact) -> Path:
        raise OSError("no route")

    monkeypatch.setenv("VAGUEMESTRE_CACHE", str(tmp_path))
    monkeypatch.setattr(Artifact, "resolve", fail)
    with pytest.raises(EmbeddedError, match=r"could not be downloaded: no route\. Check"):
        downloads.mail_class_path()


def test_a_hiccup_of_the_network_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def fail_once(artifact: Artifact) -> Path:
        tries.append(artifact)
        if len(tries) == 1:
            raise OSError("reset")
        path = Path(artifact.cached_path)  # type: ignore[arg-type]  # typed by hand
        path.parent.mkdir(parents=True)
        path.write_bytes(b"the jar")
        return path

    jar = downloads.Jar("org.example", "a", "1", hashlib.sha256(b"the jar").hexdigest())
    monkeypatch.setenv("VAGUEMESTRE_CACHE", str(tmp_path))
    monkeypatch.setattr(downloads, "locked_jars", lambda: [jar])
    monkeypatch.setattr(Artifact, "resolve", fail_once)
    assert downloads.kafka_class_path() == str(jar.path)
    assert jar.path.read_bytes() == b"the jar"


def test_what_is_there_needs_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAGUEMESTRE_CACHE", str(tmp_path))
    (jar,) = (line for line in downloads.locked_jars() if line.artifact == "greenmail-standalone")
    jar.path.parent.mkdir()
    jar.path.write_bytes(b"")
    monkeypatch.setattr(Artifact, "resolve", None)
    assert downloads.mail_class_path() == str(jar.path)


def test_a_java_that_learned_nothing_is_told_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAGUEMESTRE_CACHE", str(tmp_path))
    assert downloads.from_what_was_learned("one.jar") == []


def test_what_java_learned_is_of_one_list_of_jars(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAGUEMESTRE_CACHE", str(tmp_path))
    kept = downloads.learned_archive("one.jar")
    kept.parent.mkdir(parents=True)
    kept.touch()
    assert downloads.from_what_was_learned("one.jar") == [f"-XX:AOTCache={kept}"]
    assert downloads.from_what_was_learned("other.jar") == []
