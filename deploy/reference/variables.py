"""docs/guide/variables.md: every variable of each process, from the settings that read them.

Whether one exists, which processes read it, its default and whether it is a secret come from the
code; the meaning stands here in French, and a variable without one has no page.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any, Final, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from deploy.reference.variable_words import ELSEWHERE, FAMILIES, MEANINGS
from services.desk.settings import DeskSettings
from services.ingest.settings import IngestSettings
from services.notify.settings import NotifySettings
from services.ops.joint_command import JointSettings
from services.ops.rehearsal.command import Rehearser
from services.ops.status.command import Onlooker
from services.portal.settings import PortalSettings
from services.sla.settings import SlaSettings
from shared.paper.code_keys import FormerSecret
from shared.platform.settings import PREFIX, ProcessSettings

CLASSES: Final[Mapping[str, type[ProcessSettings]]] = {
    "ingest": IngestSettings,
    "desk": DeskSettings,
    "sla": SlaSettings,
    "notify": NotifySettings,
    "portal": PortalSettings,
    "status": Onlooker,
    "rehearse": Rehearser,
    "run": JointSettings,
}
"""Which settings each process reads."""
FROM_THE_STACK: Final = {"mailbox_passwords", "health_ports"}
"""Fields that a running `vaguemestre up` alone fills."""

_HEAD = """# Variables

Toutes celles que lisent les processus, écrites d’après le code par `make docs`. Chaque nom
commence par `VAGUEMESTRE_`. Les durées s’écrivent `PT30S`, `PT10M` ; *obligatoire* : le processus
refuse de démarrer sans elle.

**Un secret (S) ne se met pas dans l’environnement**, que tout administrateur de la machine lit dans
`/proc` : donnez le fichier qui le contient par le même nom suivi de `_FILE`
(`VAGUEMESTRE_SECRET_FILE=/run/secrets/secret`), ou un dossier entier par `CREDENTIALS_DIRECTORY`,
où chaque fichier porte le nom de la variable (`VAGUEMESTRE_SECRET`) : systemd le fait avec
`LoadCredential=`, Kubernetes avec un secret monté. Le saut de ligne final n’en fait pas partie. Une
valeur donnée de deux façons est refusée. Toute autre variable peut être donnée de même.
"""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the environment: who reads it, its default, whether it is a secret."""

    name: str
    """Without the prefix, `KAFKA_CA`."""
    readers: tuple[str, ...]
    defaults: tuple[str, ...]
    """As an operator would write them, of each reader that differs; empty: none."""
    required: bool
    secret: bool


def variables() -> Mapping[str, Variable]:
    """Returns every environment variable that the processes read, by name without prefix."""
    found: dict[str, Variable] = {}
    for process, settings in CLASSES.items():
        for field, info in settings.model_fields.items():
            if field in FROM_THE_STACK:
                continue
            name = field.upper()
            before = found.get(name)
            found[name] = Variable(
                name,
                readers=(*(before.readers if before else ()), process),
                defaults=_joined(before.defaults if before else (), _default(info)),
                required=info.is_required() or (before is not None and before.required),
                secret=_is_secret(info),
            )
    return found


def secrets() -> Iterable[str]:
    """Returns the names, with the prefix, of the variables whose value is a secret."""
    return [f"{PREFIX}{known.name}" for known in variables().values() if known.secret]


def render() -> str:
    """Returns the text of docs/guide/variables.md."""
    return "\n".join([_HEAD, *_sections()])


def _sections() -> Iterator[str]:
    known = variables()
    for title, names in FAMILIES.items():
        yield f"## {title}\n"
        yield "| variable | pour | défaut | sens |"
        yield "|---|---|---|---|"
        for name in names:
            yield _row(known[name])
        yield ""
    yield "## Ailleurs\n"
    yield "| variable | pour | sens |"
    yield "|---|---|---|"
    for name, (reader, meaning) in ELSEWHERE.items():
        yield f"| `{name}` | {reader} | {meaning} |"
    yield ""


def _row(one: Variable) -> str:
    everybody = set(CLASSES) - {"status", "rehearse", "run"}
    readers = "tous" if everybody <= set(one.readers) else ", ".join(one.readers)
    if everybody - {"portal"} <= set(one.readers) and "portal" not in one.readers:
        readers = "tous sauf portal"
    default = "*obligatoire*" if one.required else ", ".join(f"`{text}`" for text in one.defaults)
    name = f"`{one.name}`{' (S)' if one.secret else ''}"
    return f"| {name} | {readers} | {default} | {MEANINGS[one.name]} |"


def _joined(before: tuple[str, ...], default: str) -> tuple[str, ...]:
    return before if not default or default in before else (*before, default)


def _is_secret(info: FieldInfo) -> bool:
    extra = info.json_schema_extra
    marked = isinstance(extra, dict) and bool(extra.get("secret"))
    return marked or bool({SecretStr, FormerSecret} & set(_types(info.annotation)))


def _types(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _types(part)


def _default(info: FieldInfo) -> str:
    value = info.default
    if value is PydanticUndefined or value is None or isinstance(value, SecretStr):
        return ""
    match value:
        case bool():
            return str(value).lower()
        case timedelta():
            return _duration(value)
        case time():
            return f"{value:%H:%M}"
        case tuple():
            return ""
        case _:
            return str(value)


def _duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    return f"PT{seconds // 60}M" if seconds % 60 == 0 else f"PT{seconds}S"
