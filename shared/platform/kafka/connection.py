"""How Kafka is reached: an address alone, or with TLS and a name (VAGUEMESTRE_KAFKA_…).

The clients of aiokafka are made with `client_options`; FastStream's broker says the same in its own
words (shared/platform/kafka/broker.py).
"""

import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import SecretStr

from shared.errors import PermanentFailure

KafkaMechanism: TypeAlias = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """The way to reach Kafka: servers, TLS certificates, SASL user.

    Printed as the servers alone.
    """

    servers: str
    """`host:port` of one or several, separated by commas."""
    tls: bool = False
    authority: Path | None = None
    """PEM file of who signed the servers' certificates; `None`: those that the machine trusts."""
    certificate: Path | None = None
    """PEM file by which we are known, with its key or with `key` beside it."""
    key: Path | None = None
    user: str | None = None
    password: SecretStr | None = None
    mechanism: KafkaMechanism = "SCRAM-SHA-512"

    def __str__(self) -> str:
        return self.servers

    @property
    def protocol(self) -> str:
        """The name of Kafka's security protocol: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."""
        way = "SSL" if self.tls else "PLAINTEXT"
        return way if self.user is None else f"SASL_{way}"


def refuse_unsheltered(known: KafkaAccess) -> None:
    """Raises PermanentFailure for an unencrypted connection to Kafka on another machine.

    Raises:
        PermanentFailure: a server is not this machine, and the way to it has no TLS.
    """
    away = [address for address in known.servers.split(",") if not _here(address.strip())]
    if away and not known.tls:
        raise PermanentFailure(
            f"Anybody on the way to {away[0]} could read facts and write them: set"
            " VAGUEMESTRE_KAFKA_TLS and VAGUEMESTRE_KAFKA_USER, or VAGUEMESTRE_KAFKA_OPEN=yes to"
            " say that this network is trusted."
        )


def _here(server: str) -> bool:
    host = server.rpartition(":")[0].strip("[]")
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


Kafka: TypeAlias = str | KafkaAccess
"""`host:port` alone is enough where nobody asks who we are, as on one machine."""


def access(kafka: Kafka) -> KafkaAccess:
    """Returns the Kafka access of a setting that may be a bare `host:port`."""
    return KafkaAccess(kafka) if isinstance(kafka, str) else kafka


def client_options(kafka: Kafka) -> dict[str, Any]:
    """Returns the keyword arguments (servers, TLS, SASL) with which an aiokafka client is made.

    Raises PermanentFailure when a certificate file can't be used.
    """
    known = access(kafka)
    options: dict[str, Any] = {
        "bootstrap_servers": known.servers,
        "security_protocol": known.protocol,
        "ssl_context": tls_context(known),
    }
    if known.user is not None:
        options |= {
            "sasl_mechanism": known.mechanism,
            "sasl_plain_username": known.user,
            "sasl_plain_password": password_of(known),
        }
    return options


def tls_context(known: KafkaAccess) -> ssl.SSLContext | None:
    """Returns the TLS context for Kafka, with our client certificate; `None` without TLS.

    Raises PermanentFailure when a certificate file can't be used.
    """
    if not known.tls:
        return None
    try:
        context = ssl.create_default_context(cafile=known.authority)
        if known.certificate is not None:
            context.load_cert_chain(known.certificate, known.key)
    except (OSError, ssl.SSLError) as error:
        raise PermanentFailure(
            "The certificates for Kafka can't be used "
            f"({error.strerror or type(error).__name__}): check VAGUEMESTRE_KAFKA_CA, "
            "VAGUEMESTRE_KAFKA_CERTIFICATE and VAGUEMESTRE_KAFKA_KEY."
        ) from error
    return context


def password_of(known: KafkaAccess) -> str:
    """Returns the password of the Kafka user. Raises PermanentFailure when none is set."""
    if known.password is None:
        raise PermanentFailure(
            "VAGUEMESTRE_KAFKA_USER is set without VAGUEMESTRE_KAFKA_PASSWORD: set both or none."
        )
    return known.password.get_secret_value()
