"""The fleet's file: which sites, on which machine, in the order in which they are upgraded.

`topics: --replication 3` is what `vaguemestre topics` is told for each site; below `sites:` each
has its short name (`site: "36"`, as in vaguemestre-keep@36), `host:` if it is another machine's,
reached by ssh as whoever types, `topics:` where it is told otherwise, and `under: host` where its
processes are forks of that machine's `vaguemestre host` instead of units.
"""

import re
import shlex
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from shared.errors import PermanentFailure

DEFAULT = Path("/etc/vaguemestre/fleet.yaml")
_SITE = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.]{0,39}$")]
_HOST = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.@:-]{0,200}$")]
_TOPICS = re.compile(r"--(?:replication \d{1,2}|size (?:small|large))")


class BadFleet(PermanentFailure):
    """Raised when the fleet's file can not be read, or names a site that is not in it."""


class FleetSite(BaseModel):
    """A préfecture of a fleet: its short name, and the machine that runs it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    site: _SITE
    """As in the names of its units: the 36 of `vaguemestre-keep@36`."""
    host: _HOST | None = None
    """The machine, reached by ssh; `None`: this one."""
    topics: str | None = None
    """What `vaguemestre topics` is told, if not what the fleet says."""
    under: Literal["units", "host"] = "units"
    """What starts its processes: its units of systemd, or the machine's `vaguemestre host`."""


class Fleet(BaseModel):
    """The sites of a fleet in the order of their upgrade."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topics: str
    """What `vaguemestre topics` is told for each site: `--replication 3`."""
    sites: tuple[FleetSite, ...] = Field(min_length=1, max_length=500)

    def topic_words(self, site: FleetSite) -> tuple[str, ...]:
        """Returns the words that `vaguemestre topics` is told for a site of this fleet."""
        return tuple(shlex.split(self.topics if site.topics is None else site.topics))

    def only(self, names: tuple[str, ...]) -> tuple[FleetSite, ...]:
        """Returns the sites of these short names, in the fleet's order; all, if none is named.

        Raises:
            BadFleet: the fleet has no site of such a name.
        """
        if unknown := [name for name in names if name not in {site.site for site in self.sites}]:
            raise BadFleet(f"The fleet has no site {', '.join(unknown)}.")
        return tuple(site for site in self.sites if not names or site.site in names)


def read(path: Path) -> Fleet:
    """Reads the fleet's file.

    Raises:
        BadFleet: it is not there, is no YAML, has a key that nobody knows, names a site twice, or
            tells `topics` something else than --replication and --size.
    """
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadFleet(f"{path} can not be read: {error}") from error
    try:
        fleet = Fleet.model_validate(said)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, detail['loc'])) or 'the file'}: {detail['msg']}"
            for detail in error.errors()
        )
        raise BadFleet(f"{path}: {wrong}.") from error
    if twice := [name for name, n in Counter(site.site for site in fleet.sites).items() if n > 1]:
        raise BadFleet(f"{path} names site {', '.join(twice)} twice.")
    for site in fleet.sites:
        words = " ".join(fleet.topic_words(site))
        if "--replication" not in words or _TOPICS.sub("", words).strip():
            raise BadFleet(
                f"{path}: topics of site {site.site} is « {words} »: "
                "--replication N, and --size small or large, are what it may say."
            )
    return fleet
