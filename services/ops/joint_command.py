"""`vaguemestre run`: a small préfecture in one process, beside `desk serve` and `portal serve`.

Needs:  the variables of `ingest run`, `desk keep`, `sla run` and `notify run`, save that each
        connects to PostgreSQL under its own role, by VAGUEMESTRE_DATABASE_URL_INGEST, …_DESK, …_SLA
        and …_NOTIFY; VAGUEMESTRE_DATABASE_URL is that of the role that ends in _relay
"""

from collections.abc import Iterator
from typing import Any, ClassVar, TypeVar

import click
from pydantic import Field, SecretStr

from services.desk import app as desk
from services.desk.settings import DeskSettings
from services.ingest import app as ingest
from services.ingest.settings import IngestSettings
from services.notify import app as notify
from services.notify.settings import NotifySettings
from services.ops.replanner import make_replanning
from services.sla import app as sla
from services.sla.settings import SlaSettings
from shared.platform import joint_process
from shared.platform.joint_process import JointCommand
from shared.platform.secret_files import value_of
from shared.platform.service_life import ServiceCommand
from shared.platform.settings import PREFIX, BadSetting, Settings, load

S = TypeVar("S", bound=Settings)

_OWN = "database_url"


class JointSettings(Settings):
    """The settings of `run` itself: its relay's, and where each service finds its database."""

    role: ClassVar[str] = "relay"

    pool: int = Field(default=4, ge=2, le=100)
    """Of each of its services."""
    database_url_ingest: SecretStr | None = None
    database_url_desk: SecretStr | None = None
    database_url_sla: SecretStr | None = None
    database_url_notify: SecretStr | None = None
    """Under the role of the service that they name; none: as a running `vaguemestre up` tells."""


def joint_command(settings: JointSettings) -> JointCommand:
    """Makes the definition of the process `run` of what its four services are made of alone.

    Raises:
        BadSetting: a variable of one of them is missing or unreadable.
        PermanentFailure: one of them refuses its settings.
    """
    return JointCommand("run", settings, list(_services(settings)))


def _services(settings: JointSettings) -> Iterator[ServiceCommand]:
    yield ingest.create_app(_settings_of(IngestSettings, settings))
    yield desk.create_keep(_settings_of(DeskSettings, settings), make_replanning())
    yield sla.create_app(_settings_of(SlaSettings, settings))
    yield notify.create_app(_settings_of(NotifySettings, settings))


def _settings_of(service: type[S], settings: JointSettings) -> S:
    given: dict[str, Any] = {"pool": settings.pool}
    url: SecretStr | None = getattr(settings, f"{_OWN}_{service.role}")
    if url is not None:
        given[_OWN] = url
    elif value_of(f"{PREFIX}{_OWN}".upper()) is not None:
        raise BadSetting(
            f"{PREFIX}{_OWN}_{service.role}".upper()
            + f" is not set: it is the address under the role that ends in _{service.role}."
        )
    return load(service, **given)


@click.command()
def run() -> None:
    """Run ingest, desk keep, sla and notify in one process until told to end, with one relay."""
    joint = joint_command(load(JointSettings))
    joint_process.run(joint)
