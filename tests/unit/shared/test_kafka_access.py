"""Kafka by TLS and SASL: what a process is told becomes what its clients are made with."""

import ssl
from pathlib import Path

import pytest
from faststream.kafka.security import parse_security

from shared.errors import PermanentFailure
from shared.platform.kafka.broker import security_of
from shared.platform.kafka.connection import client_options
from shared.platform.settings import Settings, load


@pytest.fixture(autouse=True)
def needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VAGUEMESTRE_DATA", str(tmp_path))
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", "postgresql://127.0.0.1/x")
    monkeypatch.setenv("VAGUEMESTRE_KAFKA", "a.interieur:9093,b.interieur:9093")


def test_an_address_alone_is_a_plain_way_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAGUEMESTRE_KAFKA_OPEN", "yes")
    kafka = load(Settings).broker
    options = client_options(kafka)
    assert (options["security_protocol"], options["ssl_context"]) == ("PLAINTEXT", None)
    assert options == client_options("a.interieur:9093,b.interieur:9093")
    assert parse_security(security_of(kafka))["security_protocol"] == "PLAINTEXT"


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
def test_a_name_by_tls_is_told_alike_to_every_client(
    monkeypatch: pytest.MonkeyPatch, mechanism: str
) -> None:
    for name, value in {
        "TLS": "true", "USER": "vaguemestre", "PASSWORD": "hidden", "MECHANISM": mechanism,
    }.items():  # fmt: skip
        monkeypatch.setenv(f"VAGUEMESTRE_KAFKA_{name}", value)
    kafka = load(Settings).broker
    options = client_options(kafka)
    assert options["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    broker = parse_security(security_of(kafka))
    for said in (options, broker):
        assert (said["security_protocol"], said["sasl_mechanism"]) == ("SASL_SSL", mechanism)
        assert (said["sasl_plain_username"], said["sasl_plain_password"]) == (
            "vaguemestre",
            "hidden",
        )
    assert str(kafka) == "a.interieur:9093,b.interieur:9093"
    assert "hidden" not in repr(kafka)


def test_certificates_that_can_not_be_used_are_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VAGUEMESTRE_KAFKA_TLS", "true")
    monkeypatch.setenv("VAGUEMESTRE_KAFKA_CA", str(tmp_path / "nowhere.pem"))
    with pytest.raises(PermanentFailure, match="check VAGUEMESTRE_KAFKA_CA"):
        client_options(load(Settings).broker)


def test_a_name_without_its_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAGUEMESTRE_KAFKA_USER", "vaguemestre")
    monkeypatch.setenv("VAGUEMESTRE_KAFKA_TLS", "true")
    with pytest.raises(PermanentFailure, match="VAGUEMESTRE_KAFKA_PASSWORD: set both"):
        security_of(load(Settings).broker)


@pytest.mark.parametrize(
    ("servers", "refused"),
    [
        ("127.0.0.1:9092", None),
        ("localhost:9092,[::1]:9092", None),
        ("kafka.interieur:9092", "kafka.interieur:9092"),
        ("127.0.0.1:9092, 10.0.0.4:9092", "10.0.0.4:9092"),
    ],
)
def test_no_fact_crosses_a_network_in_clear_unless_that_is_said_aloud(
    monkeypatch: pytest.MonkeyPatch, servers: str, refused: str | None
) -> None:
    monkeypatch.setenv("VAGUEMESTRE_KAFKA", servers)
    if refused is None:
        assert load(Settings).broker.protocol == "PLAINTEXT"
        return
    for user in ("", "desk"):
        if user:
            monkeypatch.setenv("VAGUEMESTRE_KAFKA_USER", user)
        with pytest.raises(PermanentFailure) as said:
            _ = load(Settings).broker
        assert refused in str(said.value)
        assert "VAGUEMESTRE_KAFKA_OPEN=yes" in str(said.value)
    monkeypatch.setenv("VAGUEMESTRE_KAFKA_OPEN", "yes")
    assert load(Settings).broker.protocol == "SASL_PLAINTEXT"
    monkeypatch.delenv("VAGUEMESTRE_KAFKA_OPEN")
    monkeypatch.setenv("VAGUEMESTRE_KAFKA_TLS", "true")
    assert load(Settings).broker.protocol == "SASL_SSL"
