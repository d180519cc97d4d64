"""What is said of deposits by HTTP is whole and safe on both sides, or nothing begins."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from services.ingest.deposit_server import door_jobs
from services.ingest.door_settings import DepositDoorSettings
from shared.content.transfer_settings import DepositSenderSettings
from shared.errors import PermanentFailure
from shared.platform.settings import BadSetting, load

SECRET = "s3cr3t-" * 6
URL = "https://depots.prefecture.example:9443"
BOTH = f'{{"portal": ["{SECRET}"], "desk": ["{SECRET[::-1]}"]}}'


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", "postgresql://nobody@127.0.0.1/none")
    monkeypatch.setenv("VAGUEMESTRE_SPOOL", str(tmp_path))


def sends(monkeypatch: pytest.MonkeyPatch, **given: str) -> bool:
    for name, value in given.items():
        monkeypatch.setenv(f"VAGUEMESTRE_DEPOSITS_{name}", value)
    return load(DepositSenderSettings).sender(CollectorRegistry()) is not None


def opens(monkeypatch: pytest.MonkeyPatch, **given: str) -> set[str]:
    for name, value in given.items():
        monkeypatch.setenv(f"VAGUEMESTRE_DEPOSITS_{name}", value)
    return set(door_jobs(load(DepositDoorSettings), asyncio.Event()))


IMPORTED = """
import sys
import services.ingest.app, services.portal.app
print([name for name in sys.modules if "deposit_door" in name or "transfer_sender" in name])
"""


def test_without_an_address_nothing_is_sent_and_nothing_of_it_is_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not sends(monkeypatch)
    assert opens(monkeypatch) == set()
    told = subprocess.run(  # noqa: S603  (this Python)
        [sys.executable, "-c", IMPORTED], capture_output=True, check=True, text=True
    )
    assert told.stdout == "[]\n"


@pytest.mark.parametrize(
    "url", [URL, "http://127.0.0.1:9443", "http://localhost:9443/depots", "http://[::1]:9443"]
)
def test_it_is_sent_by_tls_or_within_this_machine(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    assert sends(monkeypatch, URL=url, SECRET=SECRET)


@pytest.mark.parametrize("url", ["http://depots.example", "http://localhost.example:80"])
def test_it_crosses_no_network_in_clear_unless_it_is_said_aloud(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    with pytest.raises(PermanentFailure, match="VAGUEMESTRE_DEPOSITS_OPEN"):
        sends(monkeypatch, URL=url, SECRET=SECRET)
    assert sends(monkeypatch, OPEN="yes")


@pytest.mark.parametrize("secret", ["", "short", "é" * 40, "a" * 40 + "\n"])
def test_a_sender_without_a_secret_that_can_be_sent_does_not_begin(
    monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    with pytest.raises(PermanentFailure, match="VAGUEMESTRE_DEPOSITS_SECRET") as no:
        sends(monkeypatch, URL=URL, SECRET=secret)
    assert secret not in str(no.value) or not secret


def test_an_authority_that_can_not_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(PermanentFailure, match=r"VAGUEMESTRE_DEPOSITS_CA: .*none\.pem"):
        sends(monkeypatch, URL=URL, SECRET=SECRET, CA=str(tmp_path / "none.pem"))


def test_a_door_has_long_secrets_of_known_depositors_each_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert opens(monkeypatch, SECRETS=BOTH) == {"door", "received"}
    for said in ('{"portal": ["short"]}', f'{{"other": ["{SECRET}"]}}',
                 f'{{"portal": ["{SECRET}"], "desk": ["{SECRET}"]}}'):  # fmt: skip
        with pytest.raises(BadSetting) as no:
            opens(monkeypatch, SECRETS=said)
        assert SECRET not in str(no.value)


def test_what_a_program_writes_for_nothing_is_as_if_it_were_not_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert opens(monkeypatch, SECRETS="null") == set()


def test_secrets_that_are_no_json_are_refused_in_a_sentence_without_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(BadSetting) as no:
        opens(monkeypatch, SECRETS=SECRET)
    assert str(no.value) == "VAGUEMESTRE_DEPOSITS_SECRETS can't be read: it is no JSON."
    assert no.value.__cause__ is None


def test_a_door_to_a_network_has_a_certificate_or_says_aloud_that_it_needs_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(PermanentFailure, match="VAGUEMESTRE_DEPOSITS_CERTIFICATE"):
        opens(monkeypatch, SECRETS=BOTH, HOST="0.0.0.0")  # noqa: S104  (refused)
    with pytest.raises(PermanentFailure, match="or none of both"):
        opens(monkeypatch, CERTIFICATE=str(tmp_path / "a.pem"))
    with pytest.raises(PermanentFailure, match="can't be read, or are no pair"):
        opens(monkeypatch, KEY=str(tmp_path / "a.key"))
    monkeypatch.delenv("VAGUEMESTRE_DEPOSITS_CERTIFICATE")
    monkeypatch.delenv("VAGUEMESTRE_DEPOSITS_KEY")
    assert opens(monkeypatch, OPEN="true") == {"door", "received"}
