"""What the environment gives is used and not started."""

import errno
import fcntl
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.embedded.account import Account
from deploy.embedded.addresses import Addresses
from deploy.embedded.errors import PortBusyError
from deploy.embedded.ports import claim, free_port
from deploy.embedded.processes import COMMANDS, http_port, process_of
from deploy.embedded.stack import Stack
from shared.content.encryption import ReadingKey
from shared.content.keyring import Keyring

_GIVEN = {
    "VAGUEMESTRE_KAFKA": "kafka-1.example:9092,kafka-2.example:9092",
    "VAGUEMESTRE_DATABASE_URL": "postgresql://app@db.example/vaguemestre",
    "VAGUEMESTRE_PORTAL_DATABASE_URL": "postgresql://portal@db.example/vaguemestre",
    "VAGUEMESTRE_IMAP_HOST": "imap.example",
    "VAGUEMESTRE_SMTP_HOST": "smtp.example",
    "VAGUEMESTRE_SMTP_PORT": "25",
    "VAGUEMESTRE_TESSDATA": "/usr/share/tessdata",
    "VAGUEMESTRE_SECRET": "a secret",
    "VAGUEMESTRE_PASSWORD_PREF_BMI": "known",
}
_MAILBOXES = {"pref-bmi": "pref-bmi@indre.example", "pref-dlp": "pref-dlp@indre.example"}


async def _addresses(data: Path, **more: str) -> Addresses:
    stack = Stack(
        data,
        _MAILBOXES,
        site="indre",
        given=_GIVEN | {"VAGUEMESTRE_BLOBS": str(data / "elsewhere")} | more,
    )
    assert stack.servers == []
    return await stack.start()


async def test_a_stack_whose_every_address_is_given_starts_nothing(tmp_path: Path) -> None:
    addresses = await _addresses(tmp_path)
    assert addresses.kafka == "kafka-1.example:9092,kafka-2.example:9092"
    assert addresses.database_urls["sla"] == "postgresql://app@db.example/vaguemestre"
    assert (addresses.imap_host, addresses.imap_port) == ("imap.example", 993)
    assert (addresses.smtp_host, addresses.smtp_port) == ("smtp.example", 25)
    assert addresses.blobs == tmp_path / "elsewhere"
    assert addresses.blobs.is_dir()
    assert addresses.secret == "a secret"
    assert addresses.mailbox_passwords["pref-bmi"] == "known"
    assert len(addresses.mailbox_passwords["pref-dlp"]) == 32


async def test_servers_that_are_given_keep_the_services_own_choice_of_tls(tmp_path: Path) -> None:
    variables = (await _addresses(tmp_path)).environment("ingest")
    assert not [name for name in variables if name.endswith("_TLS")]


@pytest.mark.parametrize(
    "name", ["VAGUEMESTRE_KAFKA", "VAGUEMESTRE_DATABASE_URL", "VAGUEMESTRE_SMTP_HOST"]
)
def test_what_is_not_given_is_started(tmp_path: Path, name: str) -> None:
    given = {other: value for other, value in _GIVEN.items() if other != name}
    keys = {
        "VAGUEMESTRE_KAFKA": "kafka",
        "VAGUEMESTRE_DATABASE_URL": "postgres",
        "VAGUEMESTRE_SMTP_HOST": "mail",
    }
    stack = Stack(tmp_path, _MAILBOXES, site="indre", given=given)
    assert [server.key for server in stack.servers] == [keys[name]]


async def test_a_process_has_its_own_port_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAGUEMESTRE_HTTP_PORT", "8080")
    monkeypatch.setenv("VAGUEMESTRE_SECRET", "said outside")
    addresses = await _addresses(tmp_path)
    # Only now: the pages' npm files would be downloaded anew into an empty cache.
    monkeypatch.setenv("VAGUEMESTRE_CACHE", str(tmp_path / "cache"))
    ports = {command.name: http_port(command, tmp_path) for command in COMMANDS}
    assert ports["desk"] == 8080
    assert len(set(ports.values())) == len(COMMANDS)
    process = process_of(COMMANDS[0], addresses, ports, 9999)
    assert process.environment["VAGUEMESTRE_HTTP_PORT"] == str(ports["ingest"])
    assert process.environment["VAGUEMESTRE_SECRET"] == "said outside"


async def test_a_port_that_was_chosen_is_one_stack_s_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("VAGUEMESTRE_CACHE", str(tmp_path / "cache"))  # in which nobody claims yet
    monkeypatch.setenv("VAGUEMESTRE_HTTP_PORT", str(port))
    desk = next(command for command in COMMANDS if command.name == "desk")
    (tmp_path / "cache" / "ports").mkdir(parents=True)
    with (tmp_path / "cache" / "ports" / str(port)).open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(PortBusyError, match=str(port)):
            http_port(desk, tmp_path)
    assert http_port(desk, tmp_path) == port


@pytest.mark.parametrize("what", ["folder", "lock"])
def test_where_nothing_can_be_written_or_locked_a_port_is_taken_as_before(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("VAGUEMESTRE_CACHE", str(cache))
    if what == "folder":
        cache.write_text("a file where a folder should be")
    else:

        def refused(*_: object) -> None:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

        monkeypatch.setattr(fcntl, "flock", refused)
    assert claim(free_port())


async def test_the_portal_is_told_no_secret_and_the_desk_where_it_is(tmp_path: Path) -> None:
    addresses = await _addresses(tmp_path)
    ports = {command.name: 9_000 + n for n, command in enumerate(COMMANDS)}
    told = {
        command.name: {
            name
            for name in process_of(command, addresses, ports, 9999).environment
            if name.startswith("VAGUEMESTRE_") and name not in os.environ
        }
        for command in COMMANDS
    }
    assert told["portal"] == {
        f"VAGUEMESTRE_{name}"
        for name in (
            *("DATABASE_URL", "SPOOL", "VENDOR", "PORTAL_URL"),
            *("HTTP_PORT", "HEALTH_PORT"),
        )
    }
    assert {"VAGUEMESTRE_SECRET", "VAGUEMESTRE_KAFKA", "VAGUEMESTRE_PORTAL_URL"} <= told["desk"]
    desk = next(command for command in COMMANDS if command.name == "desk")
    where = process_of(desk, addresses, ports, 9999).environment["VAGUEMESTRE_PORTAL_URL"]
    assert where == f"http://127.0.0.1:{ports['portal']}"


def _environments(addresses: Addresses) -> dict[str, Mapping[str, str]]:
    ports = {command.name: 9_000 + n for n, command in enumerate(COMMANDS)}
    return {
        command.name: process_of(command, addresses, ports, 9999).environment
        for command in COMMANDS
    }


async def test_the_portal_is_told_the_public_half_of_the_key_that_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ReadingKey.new("2026")
    (tmp_path / "keyring").write_text(Keyring({"2026": key}, key.writing).text)
    monkeypatch.setenv("VAGUEMESTRE_KEYRING_FILE", str(tmp_path / "keyring"))
    told = _environments(await _addresses(tmp_path))
    assert told["portal"]["VAGUEMESTRE_ENCRYPTION_KEY"] == key.writing.text
    assert "VAGUEMESTRE_KEYRING_FILE" not in told["portal"]
    assert told["ingest"]["VAGUEMESTRE_KEYRING_FILE"] == str(tmp_path / "keyring")
    (tmp_path / "keyring").write_text('{"current": null, "keys": {}}')
    told = _environments(await _addresses(tmp_path))
    assert "VAGUEMESTRE_ENCRYPTION_KEY" not in told["portal"]


async def test_the_door_alone_is_told_the_passwords_of_the_mailboxes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = await _addresses(tmp_path)
    monkeypatch.setenv("VAGUEMESTRE_PASSWORD_PREF_DLP", "said outside")
    told = {
        name: sorted(key for key in variables if key.startswith("VAGUEMESTRE_PASSWORD_"))
        for name, variables in _environments(addresses).items()
    }
    assert {"VAGUEMESTRE_PASSWORD_PREF_BMI", "VAGUEMESTRE_PASSWORD_PREF_DLP"} <= set(
        told.pop("ingest")
    )
    assert not any(told.values()), told


async def test_of_our_environment_the_portal_has_its_own_settings_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = "of the register"
    for name in ("SECRET", "DATABASE_URL", "KAFKA_PASSWORD", "PASSWORD_PREF_BMI", "SMTP_PASSWORD"):
        monkeypatch.setenv(f"VAGUEMESTRE_{name}", hidden)
    for name in (
        *("PGPASSWORD", "PGPASSFILE", "PGSERVICE", "PGSERVICEFILE", "PGSSLKEY", "PGHOST"),
        *("https_proxy", "HTTPS_PROXY", "all_proxy", "http_proxy"),
        *("AWS_SECRET_ACCESS_KEY", "OTEL_EXPORTER_OTLP_HEADERS", "NETRC"),
    ):
        monkeypatch.setenv(name, hidden)
    verified = {
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/etc/authority.pem",
        "PGSSLCERT": "/etc/portal.pem",
        "PGSSLCRL": "/etc/revoked.pem",
        "PGSSLMINPROTOCOLVERSION": "TLSv1.2",
        "PGSSLMAXPROTOCOLVERSION": "TLSv1.3",
        "PGSSLNEGOTIATION": "direct",
    }
    for name, word in verified.items():
        monkeypatch.setenv(name, word)
    monkeypatch.setenv("LC_TIME", "fr_FR.UTF-8")
    monkeypatch.setenv("VAGUEMESTRE_CLAMD", "/run/clamd.ctl")
    monkeypatch.setenv("VAGUEMESTRE_OTLP", "http://traces.example")
    told = _environments(await _addresses(tmp_path))
    portal = told["portal"]
    assert hidden not in portal.values()
    assert portal.items() >= verified.items(), "PostgreSQL is verified there as elsewhere"
    assert portal["VAGUEMESTRE_DATABASE_URL"] == "postgresql://portal@db.example/vaguemestre"
    assert portal["VAGUEMESTRE_CLAMD"] == "/run/clamd.ctl"
    assert portal["VAGUEMESTRE_OTLP"] == "http://traces.example"
    assert portal["PATH"] == os.environ["PATH"]
    assert portal["LC_TIME"] == "fr_FR.UTF-8"
    assert told["desk"]["VAGUEMESTRE_SECRET"] == hidden


async def test_a_given_database_is_the_registers_and_never_the_portals(tmp_path: Path) -> None:
    addresses = await _addresses(tmp_path, VAGUEMESTRE_PORTAL_DATABASE_URL="")
    assert "portal" not in addresses.database_urls
    assert addresses.database_urls["web"] == "postgresql://app@db.example/vaguemestre"


async def test_nobody_is_sent_from_a_public_desk_to_their_own_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    addresses = await _addresses(tmp_path)
    monkeypatch.setenv("VAGUEMESTRE_DESK_URL", "https://courrier.indre.example")
    monkeypatch.setenv("VAGUEMESTRE_HTTP_HOST", "0.0.0.0")  # noqa: S104  (that is the question)
    told = _environments(addresses)
    assert "VAGUEMESTRE_PORTAL_URL" not in told["desk"]
    assert "VAGUEMESTRE_PORTAL_URL" not in told["portal"]
    assert "VAGUEMESTRE_HTTP_HOST" not in told["portal"]
    monkeypatch.setenv("VAGUEMESTRE_PORTAL_URL", "https://ecrire.indre.example")
    told = _environments(addresses)
    for name in ("desk", "portal"):
        assert told[name]["VAGUEMESTRE_PORTAL_URL"] == "https://ecrire.indre.example"
        assert told[name]["VAGUEMESTRE_HTTP_HOST"] == "0.0.0.0"  # noqa: S104  (as above)


def test_no_secret_is_shown_by_the_text_of_the_addresses(tmp_path: Path) -> None:
    shown = repr(
        Addresses(
            kafka="k:1",
            database_urls={"sla": "postgresql://u:hidden@h/d"},
            imap_host="i",
            imap_port=1,
            smtp_host="s",
            smtp_port=2,
            tls=False,
            blobs=tmp_path,
            spool=tmp_path,
            scans=tmp_path,
            vendor=tmp_path,
            tessdata=tmp_path,
            secret="hidden",
            account=Account("hidden", "hidden"),
            mailbox_passwords={"a": "hidden"},
        )
    )
    assert "hidden" not in shown
