"""Checks of commitments.yaml, regimes.yaml and calendar.yaml: what binds the préfecture."""

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.calendar.territories import Calendar, Territory
from shared.facts.vocabulary import Channel, ClockName, Effect
from shared.site.checks.people import A_SERVICE
from shared.site.checks.validation_errors import Wrong, twice, unknown
from shared.site.implied_decision import is_forbidden
from shared.site.tables.commitments import CASE, Commitment, Commitments
from shared.site.tables.identity import Identity
from shared.site.tables.regimes import Regimes
from shared.site.tables.routing import RoutingTable
from shared.site.tables.services import Services

DATED = {ClockName.IMPLIED_DECISION, ClockName.HOLDING, ClockName.PIECES}
"""Clocks whose limit is a date somebody gave, or a regime's period."""

ZONES: Mapping[Territory, str] = {
    Territory.METROPOLE: "Europe/Paris",
    Territory.ALSACE_MOSELLE: "Europe/Paris",
    Territory.GUADELOUPE: "America/Guadeloupe",
    Territory.MARTINIQUE: "America/Martinique",
    Territory.GUYANE: "America/Cayenne",
    Territory.LA_REUNION: "Indian/Reunion",
    Territory.MAYOTTE: "Indian/Mayotte",
    Territory.SAINT_MARTIN: "America/Marigot",
    Territory.SAINT_BARTHELEMY: "America/St_Barthelemy",
    Territory.SAINT_PIERRE_ET_MIQUELON: "America/Miquelon",
    Territory.NOUVELLE_CALEDONIE: "Pacific/Noumea",
    Territory.POLYNESIE_FRANCAISE: "Pacific/Tahiti",
    Territory.WALLIS_ET_FUTUNA: "Pacific/Wallis",
}
"""The one zone of each territory (docs/domain.md §4)."""


def check_zone(identity: Identity, calendar: Calendar) -> Iterator[Wrong]:
    """Yields a mistake unless the time zone in site.yaml exists and is that of the territory."""
    expected = ZONES[calendar.territory]
    try:
        ZoneInfo(identity.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Wrong("site.yaml", ("timezone",), f"'{identity.timezone}'", f"a zone, '{expected}'")
        return
    if identity.timezone != expected:
        found = f"'{identity.timezone}' with territory '{calendar.territory}'"
        yield Wrong("site.yaml", ("timezone",), found, f"'{expected}'")


def check_commitments(
    commitments: Commitments, services: Services, routing: RoutingTable
) -> Iterator[Wrong]:
    """Yields each mistake in commitments.yaml, such as two promises for one case.

    Others: an unknown ladder, category or service, a clock without commitment, a channel
    without a general one, a figure without its source.
    """
    file, rows = "commitments.yaml", list(enumerate(commitments.commitments))
    yield from _check_ladders(commitments)
    ids = ((("commitments", i, "id"), row.id) for i, row in rows)
    yield from twice(file, ids, "each id")
    ladders = {ladder.id for ladder in commitments.ladders}
    categories = {row.id for row in routing.categories}
    known = {service.id for service in services.services}
    for i, row in rows:
        at = ("commitments", i)
        yield from unknown(file, (*at, "ladder"), row.ladder, ladders, "a ladder of this file")
        for j, category in enumerate(row.categories):
            what = "a category of routing.yaml"
            yield from unknown(file, (*at, "categories", j), category, categories, what)
        for j, service in enumerate(row.services):
            yield from unknown(file, (*at, "services", j), service, known, A_SERVICE)
        if row.clock in DATED and row.days is not None:
            expected = f"none: the limit of '{row.clock}' is a date somebody gave, or the regime's"
            yield Wrong(file, (*at, "days"), str(row.days), expected)
        if row.clock not in DATED and row.days is None:
            yield Wrong(file, at, "no length", f"the key 'days' for clock '{row.clock}'")
        if not row.source.text.strip():
            yield Wrong(file, (*at, "source", "text"), "nothing", "where the figure comes from")
    yield from _check_overlaps(rows)
    for clock in sorted(set(ClockName) - {row.clock for _, row in rows}):
        yield Wrong(file, ("commitments",), f"no commitment for '{clock}'", "one for each clock")
    plain = [
        row
        for _, row in rows
        if row.clock is ClockName.REPLY and not row.named - bool(row.channels)
    ]
    for channel in Channel:
        if not any(channel in (row.channels or tuple(Channel)) for row in plain):
            found = f"no general reply commitment for '{channel}'"
            yield Wrong(file, ("commitments",), found, "one that names nothing but channels")


def _check_ladders(commitments: Commitments) -> Iterator[Wrong]:
    file, rows = "commitments.yaml", list(enumerate(commitments.ladders))
    yield from twice(file, ((("ladders", i, "id"), row.id) for i, row in rows), "each id")
    for i, ladder in rows:
        offsets = [step.at for step in ladder.steps]
        if offsets != sorted(set(offsets)):
            expected = "offsets that rise, each once"
            yield Wrong(file, ("ladders", i, "steps"), f"the offsets {offsets}", expected)
        for j, step in enumerate(ladder.steps):
            if not step.tell:
                yield Wrong(file, ("ladders", i, "steps", j, "tell"), "nobody", "who hears it")


def _check_overlaps(rows: Collection[tuple[int, Commitment]]) -> Iterator[Wrong]:
    for (_, one), (i, other) in combinations(rows, 2):
        if (
            one.clock is other.clock
            and one.named == other.named
            and all(_meet(getattr(one, field), getattr(other, field)) for field in CASE)
        ):
            found = f"'{other.id}', as specific as '{one.id}' for clock '{one.clock}'"
            expected = (
                "one that names more of channel, nature, category, service and priority,"
                " or that shares no case with it"
            )
            yield Wrong("commitments.yaml", ("commitments", i), found, expected)


def _meet(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two lists have something in common, an empty one meaning all."""
    return not one or not other or bool(set(one) & set(other))


def check_regimes(regimes: Regimes) -> Iterator[Wrong]:
    """Yields each mistake in regimes.yaml, such as a missing text or appeal route (CRPA R112-5).

    Another: an acceptance that starts where the law forbids it.
    """
    file, rows = "regimes.yaml", list(enumerate(regimes.regimes))
    yield from twice(file, ((("regimes", i, "id"), row.id) for i, row in rows), "each id")
    for i, row in rows:
        if is_forbidden(row.effect, row.start):
            found = f"'{row.start}' with silence that accepts"
            expected = "the competent office or the complete file (CRPA, art. L114-3 and L114-5)"
            yield Wrong(file, ("regimes", i, "start"), found, expected)
        needed = [
            ("text", row.text),
            ("checked.by", row.checked.by),
            ("checked.why", row.checked.why),
        ]
        if row.effect is Effect.REJECTION:
            needed += [("appeals", row.appeals), ("tribunal", row.tribunal)]
        elif row.appeals.strip():
            found = "appeal routes with an acceptance"
            yield Wrong(file, ("regimes", i, "appeals"), found, "nothing ('')")
        for key, value in needed:
            if not value.strip():
                yield Wrong(file, ("regimes", i, *key.split(".")), "nothing", f"a text for '{key}'")


def check_calendar(calendar: Calendar) -> Iterator[Wrong]:
    """Yields each closure in calendar.yaml that stands twice or on a Saturday or Sunday."""
    file, rows = "calendar.yaml", list(enumerate(calendar.closures))
    days = ((("closures", i, "day"), row.day.isoformat()) for i, row in rows)
    yield from twice(file, days, "each day")
    for i, row in rows:
        if row.day.isoweekday() > 5:  # noqa: PLR2004  (Saturday and Sunday)
            path = ("closures", i, "day")
            yield Wrong(
                file, path, f"{row.day}, a Saturday or Sunday", "a day from Monday to Friday"
            )
