"""Settings: read once from the environment, frozen, and one clear sentence when one is missing.

Every variable starts with `VAGUEMESTRE_`; its value may stand in a file (secret_files.py). What is
in neither is looked up in the `run.json` that a running embedded stack leaves in its folder
(`VAGUEMESTRE_DATA`, `.vaguemestre` by default), so that a command typed beside `vaguemestre up`
needs no variable at all.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar, get_origin

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from shared.errors import PermanentFailure
from shared.platform.kafka.connection import KafkaAccess, KafkaMechanism, refuse_unsheltered
from shared.platform.secret_files import value_of

PREFIX = "VAGUEMESTRE_"
PORTAL_URL: Final = r"^(https://[^/?#]+|http://(localhost|127\.0\.0\.1)(:\d+)?)/?$"
"""An address at which browsers reach the portal: by https, or on this machine."""


class BadSetting(PermanentFailure):
    """Raised when an environment variable is missing or unreadable; the sentence names it."""


class ProcessSettings(BaseModel):
    """The settings, read from the environment, that every process has; a service adds its own.

    Fields such as `blobs: Path` or `secret: SecretStr` of a service's class are read the same way.
    """

    model_config = ConfigDict(
        frozen=True, extra="ignore", validate_default=True, hide_input_in_errors=True
    )

    role: ClassVar[str] = ""
    """Which of the stack's database addresses is ours: `owner`, or a service's name."""

    database_url: SecretStr
    pool: int = Field(default=10, ge=2, le=100)
    """Connections to PostgreSQL at most, beside the few that listen or measure."""
    http_host: str = "127.0.0.1"
    http_port: int = Field(default=0, ge=0, le=65535)
    """Where the pages answer; of a process without pages, /live, /ready, /health and /metrics. 0
    takes a free port, which the log then names."""
    health_host: str = "127.0.0.1"
    health_port: int = Field(default=0, ge=0, le=65535)
    """Where /live, /ready, /health and /metrics of a process with pages answer."""
    free_floor: int = Field(default=500, ge=0)
    """Megabytes: where less is free on the disk of originals or of the spool, nothing new is taken
    in."""
    otlp: str | None = None
    """Address of an OpenTelemetry collector (OTLP over HTTP); none: no trace leaves the process."""
    start_wait: timedelta = timedelta(seconds=30)
    """How long a starting process waits for PostgreSQL and Kafka."""

    def __init__(self, **given: Any) -> None:
        """Takes what is given, else variables and their files, else the embedded stack's."""
        ours = type(self)
        super().__init__(**{**_of_running_stack(ours), **dict(_of_variables(ours)), **given})


class Settings(ProcessSettings):
    """The settings of a process that uses Kafka, besides those of every process."""

    kafka: str
    """`host:port` of one or several Kafka servers, separated by commas."""
    kafka_tls: bool = False
    kafka_ca: Path | None = None
    """PEM file of who signed the servers' certificates; none: those that the machine trusts."""
    kafka_certificate: Path | None = None
    kafka_key: Path | None = None
    """PEM files by which Kafka knows this client, where it asks for a certificate."""
    kafka_user: str | None = None
    """The name by which it is known by SASL; none: nobody asks."""
    kafka_password: SecretStr | None = None
    kafka_mechanism: KafkaMechanism = "SCRAM-SHA-512"
    kafka_open: bool = False
    """Said aloud: the network to Kafka is trusted, and facts may cross it in clear."""
    prefix: str = Field(default="vaguemestre.", pattern=r"^[a-zA-Z0-9._-]{0,60}$")
    """Before the name of every topic and consumer group of this préfecture."""
    instance: str | None = Field(default=None, pattern=r"^[a-zA-Z0-9._-]{1,60}$")
    """A name that this process alone has and keeps when it starts again: Kafka then gives it its
    partitions back at once, instead of waiting ten seconds for one that was killed."""
    batch: int = Field(default=500, ge=1, le=5000)
    """Records taken from a topic in one transaction."""

    @property
    def broker(self) -> KafkaAccess:
        """The address and credentials with which the process reaches Kafka.

        Raises PermanentFailure on an unprotected network.
        """
        found = KafkaAccess(
            servers=self.kafka,
            tls=self.kafka_tls,
            authority=self.kafka_ca,
            certificate=self.kafka_certificate,
            key=self.kafka_key,
            user=self.kafka_user,
            password=self.kafka_password,
            mechanism=self.kafka_mechanism,
        )
        if not self.kafka_open:
            refuse_unsheltered(found)
        return found


S = TypeVar("S", bound=ProcessSettings)


def load(settings: type[S], **given: Any) -> S:
    """Reads a process's settings from the environment, save those that are given here by name.

    Raises:
        BadSetting: a variable is missing or unreadable; its value is never shown.
    """
    try:
        return settings(**given)
    except ValidationError as error:
        raise BadSetting(" ".join(_said(error.errors()))) from None


def _of_variables(settings: type[ProcessSettings]) -> Iterator[tuple[str, Any]]:
    """What the environment and files give: JSON where a setting holds several values."""
    for name, field in settings.model_fields.items():
        text = value_of(variable := f"{PREFIX}{name}".upper())
        if text is None:
            continue
        if get_origin(field.annotation) not in {dict, tuple}:
            yield name, text
            continue
        try:
            value = json.loads(text)
        except ValueError:
            # Its cause holds the whole value.
            raise BadSetting(f"{variable} can't be read: it is no JSON.") from None
        if value is not None:  # `null`: what a program writes for nothing
            yield name, value


def _of_running_stack(settings: type[ProcessSettings]) -> Mapping[str, Any]:
    """What DATA/run.json of an embedded stack that runs gives, its role's database among it."""
    folder = Path(os.environ.get(f"{PREFIX}DATA", ".vaguemestre"))
    try:
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise BadSetting(
            f"{folder / 'run.json'} can't be read: stop and start `vaguemestre up` again, "
            f"or set {PREFIX}DATA to another folder."
        ) from error
    found = {name: run[name] for name in settings.model_fields if name in run}
    url = run.get("database_urls", {}).get(settings.role)
    return found | ({"database_url": url} if url else {})


def _said(problems: Sequence[Any]) -> Iterator[str]:
    missing = [_variable(problem) for problem in problems if problem["type"] == "missing"]
    if missing:
        are, them = ("is", "it") if len(missing) == 1 else ("are", "them")
        yield (
            f"{', '.join(missing)} {are} not set: set {them}, or start the embedded stack with "
            "`vaguemestre up` and run this command from the same folder."
        )
    for problem in problems:
        if problem["type"] != "missing":
            yield f"{_variable(problem)} can't be read: {problem['msg']}."


def _variable(problem: Any) -> str:
    return f"{PREFIX}{'_'.join(str(part) for part in problem['loc'])}".upper()
