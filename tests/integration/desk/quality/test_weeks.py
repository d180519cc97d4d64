"""The week: what ended in it or passed its limit, stated once on Monday, shown as it was stated."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from services.desk.quality import weekly_figures
from services.desk.quality.domain.figures import REPLY
from services.desk.quality.store import figures
from services.desk.quality.store.figures import FigureQuestion
from shared.facts.quality.figures import DecisionKind, FigureBasis, FiguresStated, StatedFigure
from shared.platform.database import Pool, transaction
from shared.platform.messaging import trigger_counts
from shared.site import store
from tests.desk_browser import Browser
from tests.integration.desk.closed import close
from tests.integration.desk.quality.drawn_items import drawn, put
from tests.integration.desk.quality.measured import at, opens

pytestmark = pytest.mark.usefixtures("live_site", "environment")

WEEK = date(2026, 5, 25)
MONDAY = datetime(2026, 5, 31, 22, 5, tzinfo=UTC)  # 1 June, 0:05 in Paris
NEXT = datetime(2026, 6, 7, 22, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Reply:
    """A reply clock by hand: received, limit, how and when it ended (noon)."""

    received: str
    limit: str
    outcome: str | None = None
    ended: str | None = None
    service: str = "bmi"
    state: str = "registered"
    perimeter: bool = True


async def register(pool: Pool, *replies: Reply) -> None:
    for number, reply in enumerate(replies, start=1):
        await pool.execute(
            """
            INSERT INTO desk.items (item_id, chrono, seq, state, channel, category, nature,
                perimeter, priority, confidentiality, service, received_on, received_at,
                provisional, registered_at)
            VALUES ($1, $2, 1, $3, 'email', 'titre-de-sejour', 'request', $4, 'normale', 'normal',
                $5, $6::date, $6::date, false, $6::date)
            """,
            UUID(int=number), f"36-2026-A-{number:06}", reply.state, reply.perimeter,
            reply.service, date.fromisoformat(reply.received),
        )  # fmt: skip
        await pool.execute(
            """
            INSERT INTO desk.clocks (item_id, clock, revision, day_zero, limit_day, holder, rungs,
                outcome, stopped_at)
            VALUES ($1, 'reply', 1, $2, $3, '{}', '{}', $4, $5)
            """,
            UUID(int=number), date.fromisoformat(reply.received), date.fromisoformat(reply.limit),
            reply.outcome,
            datetime.fromisoformat(f"{reply.ended}T12:00+02:00") if reply.ended else None,
        )  # fmt: skip
    await trigger_counts.fold(pool, "desk")


async def stated(pool: Pool, now: datetime = MONDAY) -> FiguresStated | None:
    async with transaction(pool) as connection:
        return await weekly_figures.state(connection, await store.current(connection), now)


def of(
    told: FiguresStated | None, basis: FigureBasis, first: date, *services: str
) -> StatedFigure | None:
    assert told is not None
    found = [
        figure
        for figure in told.figures
        if (figure.code, figure.basis, figure.first, figure.services)
        == (REPLY, basis, first, services)
    ]
    assert len(found) < 2
    return found[0] if found else None


def counts(figure: StatedFigure | None) -> tuple[int, ...]:
    assert figure is not None
    return figure.k, figure.n, figure.late, figure.unanswered, figure.overdue


def main(page: str) -> str:
    """What a page says between its head and its foot."""
    said = page.replace("\N{NO-BREAK SPACE}", " ").partition("<main")[2].partition("</main")[0]
    return " ".join(said.split())


async def test_what_was_closed_late_and_what_nobody_answered_count_in_their_week(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    """Closed on Tuesday after its limit; answered late; never answered, its limit on Friday."""
    await at(pool, postgres_url, tmp_path, MONDAY)
    await register(
        pool,
        Reply("2026-05-18", "2026-05-26", "kept", "2026-05-26"),
        Reply("2026-05-16", "2026-05-22", "late", "2026-05-28"),
        Reply("2026-05-15", "2026-05-22", "closed", "2026-05-26"),
        Reply("2026-05-20", "2026-06-11", "closed", "2026-05-27"),
        Reply("2026-05-22", "2026-05-29"),
        # of no week, or of another one
        Reply("2026-05-22", "2026-06-01"),
        Reply("2026-05-11", "2026-05-19"),
        Reply("2026-05-18", "2026-05-24", "kept", "2026-05-24"),
        Reply("2026-05-18", "2026-05-26", "transferred", "2026-05-26"),
        Reply("2026-05-18", "2026-05-26", "kept", "2026-05-26", perimeter=False),
        Reply("2026-05-18", "2026-05-26", "kept", "2026-05-26", state="merged"),
        Reply("2026-05-22", "2026-05-29", state="observed"),
    )
    told = await stated(pool)
    assert counts(of(told, FigureBasis.SETTLED, WEEK)) == (1, 5, 1, 2, 1)
    assert counts(of(told, FigureBasis.SETTLED, WEEK, "bmi")) == (1, 5, 1, 2, 1)


async def test_a_limit_that_passed_in_the_week_counts_though_the_reply_left_since(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    """As the week ended, so it is counted whenever it is asked."""
    await at(pool, postgres_url, tmp_path, datetime(2026, 6, 20, tzinfo=UTC))
    await register(
        pool,
        Reply("2026-05-21", "2026-05-29", "late", "2026-06-02"),
        Reply("2026-05-21", "2026-05-31", "closed", "2026-06-03"),
        Reply("2026-05-21", "2026-05-29", "late", "2026-05-31"),
    )
    async with transaction(pool) as connection:
        week = await figures.settled_replies(connection, WEEK, date(2026, 5, 31))
        after = await figures.settled_replies(connection, date(2026, 6, 1), date(2026, 6, 7))
    row, later = week.of(REPLY), after.of(REPLY)
    assert (row.k, row.n, row.late, row.unanswered, row.overdue) == (0, 3, 1, 0, 2)
    assert (later.k, later.n, later.late, later.unanswered, later.overdue) == (0, 2, 1, 1, 0)


async def test_the_months_are_those_of_the_one_function_and_of_each_service_and_direction(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await at(pool, postgres_url, tmp_path, MONDAY)
    await put(pool, drawn(12, 900))
    told = await stated(pool)
    assert told is not None
    assert (told.week, told.counted_on, told.target) == (WEEK, date(2026, 6, 1), 0.9)
    async with transaction(pool) as connection:
        may = date(2026, 5, 1)
        table = await figures.figures(connection, FigureQuestion(may, may), [REPLY])
        for service in (None, *table.services(REPLY)):
            row = table.of(REPLY, service)
            found = of(told, FigureBasis.RECEIVED, may, *([service] if service else []))
            assert found is not None
            assert (found.k, found.n, found.low, found.high) == (row.k, row.n, *row.ends)
        applied = await store.current(connection)
        several = [group for group in weekly_figures.groups(applied.site) if len(group) > 1]
        for group in several:
            together = await figures.figures(
                connection, FigureQuestion(may, may, among=group), [REPLY]
            )
            found = of(told, FigureBasis.RECEIVED, may, *group)
            assert (
                (0, 0)
                if found is None
                else (found.k, found.n)
                == (
                    together.of(REPLY).k,
                    together.of(REPLY).n,
                )
            )
    running = of(told, FigureBasis.RECEIVED, date(2026, 6, 1))
    assert running is not None
    assert running.last == date(2026, 6, 1)


async def test_a_week_is_stated_once_from_five_past_midnight_and_after_the_go_live(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await at(pool, postgres_url, tmp_path, MONDAY)
    await register(pool, Reply("2026-05-18", "2026-05-26", "kept", "2026-05-26"))
    early = await stated(pool, MONDAY - timedelta(minutes=1))
    assert early is not None
    assert early.week == WEEK - timedelta(days=7)
    assert await stated(pool, MONDAY - timedelta(minutes=1)) is None
    first = await stated(pool)
    assert first is not None
    assert first.week == WEEK
    assert await stated(pool, MONDAY + timedelta(days=3)) is None
    assert await stated(pool, datetime(2026, 4, 20, tzinfo=UTC)) is None
    seqs = await pool.fetch("SELECT seq FROM desk.quality_facts ORDER BY seq")
    assert [row["seq"] for row in seqs] == [1, 2]


async def test_a_closed_month_is_stated_as_it_was_closed(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    june = datetime(2026, 6, 14, 22, 5, tzinfo=UTC)
    await at(pool, postgres_url, tmp_path, june)
    await put(pool, drawn(13, 600))
    await close(pool, now=june, early=True)
    async with transaction(pool) as connection:
        may = date(2026, 5, 1)
        table = await figures.figures(connection, FigureQuestion(may, may), [REPLY], as_closed=True)
    await pool.execute("UPDATE desk.clocks SET outcome = 'kept' WHERE outcome = 'late'")
    await trigger_counts.fold(pool, "desk")
    found = of(await stated(pool, june), FigureBasis.RECEIVED, date(2026, 5, 1))
    assert found is not None
    assert found.closed
    assert (found.k, found.n) == (table.of(REPLY).k, table.of(REPLY).n)


async def test_a_late_measure_is_a_decision_told_by_its_number_and_service_alone(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    server = await at(pool, postgres_url, tmp_path, MONDAY)
    officer = await Browser(server).sign_in("q.officer")
    await opens(officer, due=date(2026, 6, 3), seen="Vu de près.")
    server = await at(pool, postgres_url, tmp_path, NEXT)
    officer = await Browser(server).sign_in("q.officer")
    told = await stated(pool, NEXT)
    assert told is not None
    (late,) = told.decisions
    assert (late.kind, late.number, late.due) == (
        DecisionKind.LATE_MEASURE,
        1,
        date(2026, 6, 3),
    )
    assert late.service is not None
    kept = await pool.fetchval(
        "SELECT payload FROM desk.quality_facts WHERE type = 'FiguresStated'"
    )
    assert "a.gent" not in kept
    page = await officer.page("/qualite/semaine")
    assert "Mesure n° 1" in page
    assert "son action devait être faite le 3 juin 2026" in page


async def test_the_page_shows_what_was_stated_whatever_the_register_says_since(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    server = await at(pool, postgres_url, tmp_path, MONDAY)
    secretary = await Browser(server).sign_in("s.general")
    assert "rien n’a encore été arrêté" in await secretary.page("/qualite/semaine")
    await register(
        pool,
        *[Reply("2026-05-18", "2026-05-26", "kept", "2026-05-26")] * 11,
        Reply("2026-05-15", "2026-05-22", "closed", "2026-05-26"),
    )
    await stated(pool)
    await pool.execute("UPDATE desk.clocks SET outcome = 'late'")
    page = main(await secretary.page("/qualite/semaine"))
    # Wilson of 11 of 12, by hand: 0.646 to 0.985
    assert page.count("11 sur 12, soit 92 % (entre 65 et 99 %)") == 4
    assert "1 classée sans réponse" in page
    assert page == main(await secretary.page("/qualite/semaine/2026-05-25"))
    for url in ("2026-05-26", "2026-05-18", "hier"):
        assert (await secretary.get(f"/qualite/semaine/{url}")).status_code == 404
