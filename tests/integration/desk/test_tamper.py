"""Whatever an administrator does to the past or to a figure is red within one night, by name.

Each test is a row of the review's table: the act, and what the night of the register says of it.
"""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from prometheus_client import CollectorRegistry

from services.desk.domain.months import proof
from services.desk.evidence.verification.counts import SOURCES
from services.desk.metrics import RegisterMetrics
from services.desk.store import months
from shared.platform.clock import SystemClock
from shared.platform.database import transaction
from tests.integration.desk.proven import (
    FIRST,
    LATE,
    RUNNING,
    SECOND,
    TONIGHT,
    Proven,
)
from tests.roles import one_transaction

DAY = timedelta(days=1)
MADE = re.compile(r"(?:keep|make)_counts\('desk', '(\w+)'")


async def differences(month: Proven) -> list[str]:
    return [str(difference) for difference in (await month.night()).differences]


async def test_a_register_that_nobody_touched_holds(month: Proven) -> None:
    report = await month.night()
    assert [str(difference) for difference in report.differences] == []
    assert report.line.startswith("5 items refolded, ")
    assert report.line.endswith(" clocks replanned, 0 differ")
    assert report.clocks == 10, "of each letter the reply, and Services Publics+"
    assert report.checked == {"chains": 6, "documents": 1, "months": 1, "roots": 2}
    rows = await month.desk.fetch("SELECT day, items, clocks, differ FROM desk.verified")
    assert [(str(row["day"]), row["items"], row["clocks"], row["differ"]) for row in rows] == [
        ("2026-06-17", 5, 10, 0)
    ]


async def test_tamper_a_fact_is_changed_by_a_role_of_the_register(month: Proven) -> None:
    """Refused to each of them; by the owner, a trigger refuses it."""
    act = "UPDATE desk.facts SET by = 'person:b.head' WHERE type = 'ReplySent'"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await month.sql(act)
    with pytest.raises(asyncpg.RaiseError, match="never changed nor removed"):
        async with one_transaction(month.url) as owner:
            await owner.execute(act)
    assert await differences(month) == []


async def test_tamper_a_fact_is_changed_without_its_chain(month: Proven) -> None:
    await month.sql(
        "UPDATE desk.facts SET by = 'person:b.head' WHERE item_id = $1 AND type = 'ReplySent'",
        chrono=LATE,
        free=True,
    )
    assert f"{LATE}: fact 2 is not what was kept" in await differences(month)


async def test_tamper_a_fact_is_removed_without_its_chain(month: Proven) -> None:
    await month.sql(
        "DELETE FROM desk.facts WHERE item_id = $1 AND type = 'ReplySent'",
        chrono=LATE,
        free=True,
    )
    found = await differences(month)
    assert f"{LATE}: the item has 2 facts, 1 are kept" in found
    assert f"{LATE}: state: from open to answered" in found
    assert f"{LATE}: reply outcome: from nothing to late" in found


async def test_tamper_facts_links_heads_and_roots_are_made_anew(month: Proven) -> None:
    day = ('"happened_at":"2026-06-01T', '"happened_at":"2026-05-20T')
    await month.rewrites(LATE, *day, roots=True)
    found = await differences(month)
    assert f"{LATE}: fact 2 is not what it was as sla heard it" in found
    assert f"{LATE}: reply outcome: from kept to late" in found
    assert any(
        difference.startswith("2026-06-14: root as notify has it: from ") for difference in found
    )


async def test_tamper_roots_and_what_notify_heard_of_them_are_made_anew(month: Proven) -> None:
    """What was mailed by each road still says which roots left."""
    await month.rewrites(LATE, "2026-06-01", "2026-05-28", roots=True)
    await month.sql(
        "UPDATE notify.seals s SET root = r.root FROM desk.roots r WHERE r.night = s.night",
        free=True,
    )
    found = await differences(month)
    for road in ("quality_officer", "general_secretary"):
        what = f": root as it was mailed, by the road {road}: from "
        assert sum(what in difference for difference in found) == 2, found


async def test_the_night_says_which_roots_have_not_left_by_which_road(month: Proven) -> None:
    await month.sql("UPDATE notify.ledger SET state = 'sent' WHERE reader = 's.general'", free=True)
    report = await month.night()
    assert report.holds, "less is out of reach, and nothing differs"
    (said,) = report.said
    assert said.startswith(
        "Not left by the road quality_officer: 1 of the roots, since that of 2026-06-14;"
    )
    await month.sql("DELETE FROM notify.ledger WHERE reader = 's.general'", free=True)
    nobody = "the mail of its root by the road general_secretary is not in the ledger any more"
    assert any(
        nobody in str(difference) for difference in (await month.night(TONIGHT + DAY)).differences
    )


async def test_tamper_an_author_is_changed_and_no_figure(month: Proven) -> None:
    """No row and no rate shows it; what left does."""
    by = ('"by":"person:a.gent"', '"by":"person:b.gent"')
    await month.rewrites(LATE, *by, roots=True)
    found = await differences(month)
    assert f"{LATE}: fact 2 is not what it was as sla heard it" in found
    assert any(
        difference.startswith("2026-06-14: root as notify has it: from ") for difference in found
    )


async def test_tamper_what_no_root_has_sealed_yet(month: Proven) -> None:
    """The same day: links are made anew, and there is no root to show it."""
    await month.replies(await month.item(RUNNING), TONIGHT.date() - timedelta(days=1))
    by = ('"by":"person:a.gent"', '"by":"person:b.gent"')
    await month.rewrites(RUNNING, *by, roots=False)
    assert f"{RUNNING}: fact 2 is not what it was as sla heard it" in await differences(month)


async def test_tamper_a_late_clock_is_made_kept(month: Proven) -> None:
    """By the register's own role, as the review did it: the rate was above target."""
    await month.sql(
        "UPDATE desk.clocks SET outcome = 'kept', raw = 15 WHERE item_id = $1 AND clock = 'reply'",
        chrono=LATE,
    )
    found = await differences(month)
    assert found == [
        f"{LATE}: reply outcome: from late to kept",
        f"{LATE}: reply raw: from 17 to 15",
    ]


async def test_tamper_a_limit_and_a_day_zero_are_moved(month: Proven) -> None:
    await month.sql(
        "UPDATE desk.clocks SET limit_day = '2026-06-20', day_zero = '2026-06-01'"
        " WHERE item_id = $1 AND clock = 'reply'",
        chrono=RUNNING,
    )
    found = await differences(month)
    assert f"{RUNNING}: reply day_zero: from 2026-05-05 to 2026-06-01" in found
    assert f"{RUNNING}: reply limit_day: from 2026-05-29 to 2026-06-20" in found
    assert f"{RUNNING}: due: from 2026-06-20 to 2026-05-29" in found


async def test_tamper_a_clock_is_removed(month: Proven) -> None:
    await month.sql("DELETE FROM desk.clocks WHERE item_id = $1 AND clock = 'reply'", chrono=LATE)
    assert await differences(month) == [f"{LATE}: reply: from late to nothing"]


async def test_tamper_an_item_is_put_out_of_the_perimeter(month: Proven) -> None:
    await month.sql("UPDATE desk.items SET perimeter = false WHERE item_id = $1", chrono=RUNNING)
    assert await differences(month) == [f"{RUNNING}: perimeter: from true to false"]


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("state", "'answered'", "state: from open to answered"),
        ("service", "'dre'", "service: from bmi to dre"),
        ("channel", "'email'", "channel: from letter to email"),
        ("nature", "'complaint'", "nature: from unknown to complaint"),
        ("received_on", "'2026-05-25'", "received_on: from 2026-05-05 to 2026-05-25"),
    ],
)
async def test_tamper_any_column_that_a_figure_reads(
    month: Proven, column: str, value: str, what: str
) -> None:
    await month.sql(f"UPDATE desk.items SET {column} = {value} WHERE item_id = $1", chrono=RUNNING)  # noqa: S608  (a name of ours)
    assert f"{RUNNING}: {what}" in await differences(month)


async def test_tamper_a_closed_month_is_rewritten_with_its_hash(month: Proven) -> None:
    async with transaction(month.desk) as connection:
        (head,) = await months.every(connection)
        told = await months.promises(connection, head.month)
    kept = [
        replace(month_promise, result="kept", days=min(month_promise.days, 15))
        for month_promise in told
    ]
    await month.sql(
        "UPDATE desk.closed_promises SET result = 'kept', days = least(days, 15)",
        f"UPDATE desk.closed_months SET hash = '{proof(head, kept)}'",  # noqa: S608  (a name of ours)
        free=True,
    )
    found = await differences(month)
    assert f"{LATE}: 2026-05 reply result: from late to kept" in found
    assert f"{LATE}: 2026-05 reply days: from 17 to 15" in found
    assert f"{RUNNING}: 2026-05 reply result: from overdue to kept" in found
    assert f"{FIRST}: 2026-05 reply" not in "\n".join(found)
    assert f"{SECOND}: 2026-05 reply" not in "\n".join(found), "only what was changed is named"


async def test_tamper_a_late_letter_leaves_a_closed_month(month: Proven) -> None:
    await month.sql("DELETE FROM desk.closed_promises WHERE item_id = $1", chrono=LATE, free=True)
    found = await differences(month)
    assert f"{LATE}: 2026-05 reply promise: from late to nothing" in found
    assert any(difference.startswith("2026-05: hash: from ") for difference in found)


async def test_tamper_the_table_of_counts(month: Proven) -> None:
    await month.sql(
        "UPDATE desk.indicators_counts SET n = 0 WHERE result = 'late' AND clock = 'reply'"
    )
    (found,) = await differences(month)
    assert found.startswith("bmi letter f reply 2026-05-01 late ")
    assert found.endswith(": count of indicators: from 1 to 0")


async def test_tamper_an_item_without_any_fact(month: Proven) -> None:
    await month.sql(
        "CREATE TEMP TABLE one ON COMMIT DROP AS SELECT * FROM desk.items LIMIT 1",
        "UPDATE one SET item_id = gen_random_uuid(), chrono = '36-2026-A-000009'",
        "INSERT INTO desk.items SELECT * FROM one",
        free=True,
    )
    assert "36-2026-A-000009: no fact was ever stated of it" in await differences(month)


async def test_a_night_that_differs_is_a_gauge_and_stays_written(month: Proven) -> None:
    await month.sql("UPDATE desk.items SET perimeter = false WHERE item_id = $1", chrono=RUNNING)
    await month.night()
    registry = CollectorRegistry()
    await RegisterMetrics(registry, month.desk, SystemClock(), month.rules).figures()
    assert registry.get_sample_value("vaguemestre_evidence_differences") == 1
    at = registry.get_sample_value("vaguemestre_evidence_verified_at")
    assert at == TONIGHT.timestamp()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await month.sql("UPDATE desk.verifications SET differ = 0")
    with pytest.raises(asyncpg.RaiseError, match="never changed nor removed"):
        async with one_transaction(month.url) as owner:
            await owner.execute("DELETE FROM desk.differences")
    assert await month.look() is None, "once a night"


def test_every_table_of_counts_is_counted_again() -> None:
    made = [
        name
        for path in sorted((Path(__file__).parents[3] / "services" / "desk" / "sql").glob("*.sql"))
        for name in MADE.findall(path.read_text(encoding="utf-8"))
    ]
    assert sorted(f"{name.removesuffix('_counts')}_counts" for name in made) == sorted(SOURCES)
