"""The weekly page: the register's stated figures, what is late, what waits for a decision.

The secrétaire général and the référent qualité read of the whole préfecture, each director of the
services that they direct; it is always sent. Figures and decisions are those that the register
stated on Monday (`FiguresStated`): nothing is counted here.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from services.notify.domain import digest_sections
from services.notify.domain.digest_sections import RungContext
from services.notify.store import weekly_figures
from shared.facts.clocks import RungReached
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.quality.figures import FigureBasis, FiguresStated, StatedDecision, StatedFigure
from shared.platform.database import Connection
from shared.site.staff.directory import Reader
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.texts import week_words
from shared.site.texts.pages import Rate, WaitingDecision, Weekly

SHOWN: Final = 3
"""Decisions of one page."""
MOVED: Final = (
    "vos services ont changé depuis lundi : leurs chiffres ensemble viendront la semaine prochaine"
)
NOTHING: Final = "aucune réponse de vos services n’était à juger quand les chiffres ont été arrêtés"
ServiceScope = Collection[ServiceId] | None
"""The services of which somebody reads; `None`: the whole préfecture."""


def scopes(site: Site) -> Mapping[PersonId, ServiceScope]:
    """Returns the readers of the weekly page, with the services of which each reads.

    `None` in place of services: all of them.
    """
    identity = site.identity
    found = dict[PersonId, list[ServiceId]]()
    for service in site.services.services:
        found.setdefault(PersonId(service.director), []).append(ServiceId(service.id))
    whole = (identity.general_secretary, identity.quality_officer)
    return {
        **{person: tuple(services) for person, services in found.items()},
        **dict.fromkeys(map(PersonId, whole)),
    }


def week_before(day: date) -> date:
    """Returns the Monday of the week before the one in which a local day lies."""
    return day - timedelta(days=day.weekday() + 7)


async def is_stated(connection: Connection, day: date) -> bool:
    """Whether the register has stated the figures of the week before a local day."""
    return await weekly_figures.of_week(connection, week_before(day)) is not None


async def write_page(
    connection: Connection,
    applied: AppliedSite,
    reader: Reader,
    scope: ServiceScope,
    local: datetime,
    standing: Sequence[RungReached],
    known: RungContext,
) -> Weekly:
    """Makes the weekly page of a reader. `standing`: the reminders that stand, of all services."""
    site = applied.site
    week = week_before(local.date())
    told = await weekly_figures.of_week(connection, week)
    mine = [rung for rung in standing if scope is None or rung.service in scope]
    away = reader.instead_of
    waiting = () if told is None else _waiting(told, scope)
    return Weekly(
        authority=site.identity.authority,
        first_name=reader.person.first_name,
        day=local.date(),
        desk_url=site.identity.desk_url,
        instead_of=f"{away.first_name} {away.name}" if away else None,
        since=week,
        until=week + timedelta(days=6),
        rates=() if told is None else _rates(told, scope, site),
        delayed=digest_sections.delays(mine, known),
        needing=digest_sections.latest_items(mine, known),
        verified=await weekly_figures.last_verification(connection),
        counted_on=None if told is None else told.counted_on,
        services="" if scope is None else ", ".join(_short(service, site) for service in scope),
        decisions=tuple(_decision(row, site) for row in waiting[:SHOWN]),
        decisions_left=max(0, len(waiting) - SHOWN),
        note="" if told is None else _note(told, scope),
    )


def _rates(told: FiguresStated, scope: ServiceScope, site: Site) -> tuple[Rate, ...]:
    """By receipt, of this month and the last; then what ended in the week: all, or each service.

    Of several services first what they make together.
    """
    groups: list[tuple[ServiceId, ...]] = [()]
    if scope is not None:
        mine = tuple(scope)
        groups = [mine, *([(service,) for service in mine] if len(mine) > 1 else [])]
    return tuple(
        Rate(
            week_words.label(figure, told.counted_on) + _of(figure, scope, site),
            figure.k,
            figure.n,
            told.target,
            figure.low,
            figure.high,
            figure.waiting,
            week_words.beside(figure),
        )
        for group in groups
        for figure in sorted(_of_group(told, group), key=_order)
    )


def _of_group(told: FiguresStated, group: tuple[ServiceId, ...]) -> list[StatedFigure]:
    return [figure for figure in told.figures if figure.services == group]


def _order(figure: StatedFigure) -> tuple[bool, int]:
    """By receipt first, the month that runs before the last."""
    return figure.basis is FigureBasis.SETTLED, -figure.first.toordinal()


def _of(figure: StatedFigure, scope: ServiceScope, site: Site) -> str:
    """Whose figure it is, where a page has those of several services."""
    if scope is None or len(scope) == 1 or len(figure.services) > 1:
        return ""
    return f" ({_short(figure.services[0], site)})"


def _note(told: FiguresStated, scope: ServiceScope) -> str:
    """Why a director reads no figure of all their services together; empty where they do."""
    if scope is None or _of_group(told, tuple(scope)):
        return ""
    parts = any(_of_group(told, (service,)) for service in scope)
    return MOVED if parts and len(scope) > 1 else NOTHING


def _waiting(told: FiguresStated, scope: ServiceScope) -> Sequence[StatedDecision]:
    """The decisions of a reader, the most urgent of each kind first."""
    return week_words.urgent(row for row in told.decisions if scope is None or row.service in scope)


def _decision(decision: StatedDecision, site: Site) -> WaitingDecision:
    of = None if decision.service is None else _short(decision.service, site)
    what, path = week_words.decision(decision, of, site.labels)
    return WaitingDecision(what, f"{site.identity.desk_url.rstrip('/')}{path}")


def _short(service: str, site: Site) -> str:
    found = site.service_now(service)
    return service if found is None else found.short
