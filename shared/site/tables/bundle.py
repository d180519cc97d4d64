"""One version of a site's rules: all tables together, and the moment from which it applies."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime

from shared.calendar.territories import Calendar
from shared.calendar.working_days import WorkingCalendar
from shared.facts.envelope import At, On, Receipt, ServiceId
from shared.facts.vocabulary import Category, Effect
from shared.site.tables.commitments import Commitments
from shared.site.tables.events import NO_EVENTS, EventTable
from shared.site.tables.identity import Identity
from shared.site.tables.labels import Labels
from shared.site.tables.mailboxes import Sources
from shared.site.tables.notices import NoticesTable
from shared.site.tables.packs import PackTaken
from shared.site.tables.places import NO_PLACES, Places
from shared.site.tables.quality import NO_QUALITY, QualityTable
from shared.site.tables.regimes import Regime, Regimes
from shared.site.tables.roles import NO_ROLES, GivenRoles
from shared.site.tables.routing import CategoryRow, RoutingTable
from shared.site.tables.services import Service, Services
from shared.site.tables.survey import NO_SURVEY, SurveyTable
from shared.site.tables.website import NO_WEBSITE, Website
from shared.values import Table


class Site(Table):
    """The rules of one préfecture: all tables of its folder, as given and as applied.

    `templates` maps a file name of `templates/` to its text.
    """

    identity: Identity
    services: Services
    commitments: Commitments
    regimes: Regimes
    calendar: Calendar
    sources: Sources
    routing: RoutingTable
    notices: NoticesTable
    labels: Labels = Labels()
    """Absent from what was applied before there were labels."""
    roles: GivenRoles = NO_ROLES
    """Absent from what was applied before there were roles by group, and where there are none."""
    quality: QualityTable = NO_QUALITY
    """Absent from what was applied before there was a label, and where none is prepared."""
    survey: SurveyTable = NO_SURVEY
    """Absent from what was applied before there was a survey, and where none is held."""
    places: Places = NO_PLACES
    """Absent from what was applied before there were places, and where none is described."""
    website: Website = NO_WEBSITE
    """Absent from what was applied before there were correspondents, and where there are none."""
    events: EventTable = NO_EVENTS
    """Absent from what was applied before there were events, and where only the SG opens one."""
    templates: Mapping[str, str]
    pack: PackTaken | None = None
    """Absent from what was applied before there were packs, and where a site takes none."""

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone of the préfecture, in which local days are counted."""
        return ZoneInfo(self.identity.timezone)

    @cached_property
    def service(self) -> Mapping[ServiceId, Service]:
        """The services of the préfecture by id."""
        return {ServiceId(service.id): service for service in self.services.services}

    @cached_property
    def category(self) -> Mapping[Category, CategoryRow]:
        """The categories of items by id."""
        return {Category(row.id): row for row in self.routing.categories}

    def service_now(self, service: str) -> Service | None:
        """Returns the service with this id, or the one that replaced it.

        `None`: there never was one.
        """
        found = self.service.get(ServiceId(service))
        took_over = (
            candidate for candidate in self.services.services if service in candidate.replaces
        )
        return found or next(took_over, None)

    def category_now(self, category: str) -> CategoryRow | None:
        """Returns the category with this id, or the one that replaced it.

        `None`: there never was one.
        """
        found = self.category.get(Category(category))
        took_over = (
            candidate for candidate in self.routing.categories if category in candidate.replaces
        )
        return found or next(took_over, None)

    @cached_property
    def regime(self) -> Mapping[str, Regime]:
        """The regimes of implied decision by id."""
        return {regime.id: regime for regime in self.regimes.regimes}

    @cached_property
    def effects(self) -> Mapping[str, Effect]:
        """The effect of silence under each regime, by the regime's id."""
        return {regime.id: regime.effect for regime in self.regimes.regimes}


class AppliedSite(Table):
    """An immutable applied version of the site's rules, with its working days and the go-live."""

    version: int
    digest: str
    effective_from: AwareDatetime
    site: Site
    days: WorkingCalendar
    """The jours ouvrés as they were when it was applied: a library's change moves no deadline."""
    go_live: AwareDatetime | None
    """`None`: not live yet, everything is held. What was received before is history."""
    unsigned_since_upgrade: date | None = None
    """Until when an upgrade lets codes without signature be believed; `None`: there were none."""

    @property
    def unsigned_codes_until(self) -> date | None:
        """The last local day on which paper codes without signature are believed; `None`: never."""
        return self.site.identity.unsigned_codes_until or self.unsigned_since_upgrade

    @property
    def first_month(self) -> date | None:
        """The first day of the local month in which the site went live; `None` before it."""
        if self.go_live is None:
            return None
        return self.go_live.astimezone(self.site.zone).date().replace(day=1)

    def history(self, receipt: Receipt) -> bool:
        """Whether a receipt was before go-live (it is history); always so while no go-live is set.

        An email or form is compared by its moment, a letter by its day: one stamped on the day
        of go-live is not history (DESIGN §6).
        """
        if self.go_live is None:
            return True
        match receipt:
            case At(instant=instant):
                return instant < self.go_live
            case On(day=day):
                return day < self.go_live.astimezone(self.site.zone).date()
