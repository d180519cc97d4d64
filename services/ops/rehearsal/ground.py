"""What a rehearsal stands on, read once: applied versions, the label's perimeter, the moment."""

from dataclasses import dataclass
from datetime import date, datetime

from services.desk.domain.label_perimeter import LabelPerimeter
from services.desk.store.label_perimeter import perimeter
from services.sla.domain.rules import Rulebook
from services.sla.rulebook import Editions
from shared.calendar.local_days import begin_of, end_of
from shared.errors import PermanentFailure
from shared.platform.database import Connection
from shared.platform.postgres import schema_version
from shared.platform.postgres.migrate import pending_migrations, read
from shared.site.tables.bundle import AppliedSite


class NotMigrated(PermanentFailure):
    """Raised for a database that lacks migrations which this program needs."""

    def __init__(self) -> None:
        super().__init__(
            "This database lacks migrations of this program: run `vaguemestre migrate` as its "
            "owner first."
        )


@dataclass(frozen=True)
class RehearsalGround:
    """The data from which a rehearsal starts: applied rule versions, label's perimeter, moment."""

    rulebook: Rulebook
    perimeter: LabelPerimeter
    now: datetime

    @property
    def applied(self) -> AppliedSite:
        """The version of the site's rules that is in effect now."""
        return self.rulebook.last.applied

    @property
    def today(self) -> date:
        """The local day of the rehearsal."""
        return self.rulebook.last.day(self.now)

    def at_end_of(self, month: date) -> AppliedSite:
        """Returns the rules that ran at the end of a month, given by its last day."""
        return self.rulebook.until(end_of(month, self.applied.site.zone)).last.applied

    def live_from(self, day: date, applied: AppliedSite) -> AppliedSite:
        """Returns rules as if the préfecture had been live from the beginning of a local day."""
        moment = begin_of(day, applied.site.zone)
        return applied.model_copy(update={"go_live": moment})


async def ground(connection: Connection, now: datetime) -> RehearsalGround:
    """Reads the data from which a rehearsal starts: applied versions, label's perimeter.

    Raises:
        NotMigrated: the database lacks migrations.
        TemporaryFailure: no rules were applied.
    """
    await schema_version.check(connection)
    if await pending_migrations(connection, read()):
        raise NotMigrated
    rulebook = (await Editions()(connection)).rulebook
    return RehearsalGround(rulebook, await perimeter(connection), now)
