"""Whatever is made of facts is compared by the night, and nothing that is written stops it."""

from collections.abc import AsyncIterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta

import pytest

from services.desk.evidence.domain.difference import Difference
from services.desk.evidence.verification import registry
from services.desk.evidence.verification.ground import VerificationContext
from services.desk.quality import history_job
from shared.platform.database import transaction
from tests.integration.desk.proven import FIRST, LATE, RUNNING, TONIGHT, Proven

DAY = timedelta(days=1)


async def differences(month: Proven) -> list[str]:
    return [str(difference) for difference in (await month.night()).differences]


EXPLAINED: Mapping[str, AbstractSet[str]] = {
    # Guards against what comes late, and what a page explains of sla's plan: no figure.
    "clocks": {
        "item_id", "clock", "revision", "heard", "commitment", "holder", "paused_since",
        "paused_until", "rungs", "rules", "told",
    },
    "item_histories": {"item_id"},
    # A machine's proposal to a person: no fact, and no figure. (The last table: it has the chrono.)
    "items": {"item_id", "linked_to", "linked_why", "linked_by"},
}  # fmt: skip
"""Columns that are made of nothing the night could compare; `rungs` of a running clock are."""
OTHERWISE: Mapping[str, str] = {
    "text": "'odd'", "ARRAY": "'{odd}'", "boolean": "NOT COLUMN", "integer": "99",
    "date": "'2026-02-03'", "timestamp with time zone": "'2026-02-03'", "uuid": "gen_random_uuid()",
}  # fmt: skip
"""Of each type, another value."""


async def test_tamper_each_column_that_is_made_of_facts(month: Proven) -> None:
    """A column that is added is either compared by the night or has its reason above."""
    async with transaction(month.desk) as connection:
        await history_job.keep(connection)
    named = list[str]()
    for table, explained in EXPLAINED.items():
        columns = await month.desk.fetch(
            """
            SELECT column_name, data_type FROM information_schema.columns
            WHERE table_schema = 'desk' AND table_name = $1 ORDER BY ordinal_position
            """,
            table,
        )
        made = {name: OTHERWISE[kind] for name, kind in columns if name not in explained}
        if "outcome" in made:
            made["outcome"] = "'closed'"
        others = ", ".join(
            f"{name} = {word}".replace("COLUMN", name) for name, word in made.items()
        )
        await month.sql(f"UPDATE desk.{table} SET {others} WHERE item_id = $1", chrono=LATE)  # noqa: S608  (names of the schema)
        prefix = {"items": "", "clocks": "reply ", "item_histories": "history "}[table]
        named += [f"{LATE}: {prefix}{name}: from " for name in made]
    found = await differences(month)
    unseen = [name for name in named if not any(line.startswith(name) for line in found)]
    assert unseen == []


async def test_tamper_a_word_that_is_none_stops_no_night(month: Proven) -> None:
    await month.sql(
        "UPDATE desk.clocks SET outcome = 'odd' WHERE item_id = $1 AND clock = 'reply'", chrono=LATE
    )
    await month.sql("UPDATE desk.items SET perimeter = false WHERE item_id = $1", chrono=RUNNING)
    found = await differences(month)
    assert f"{LATE}: reply can't be read" in found
    assert f"{RUNNING}: perimeter: from true to false" in found


async def test_tamper_a_check_that_fails_is_a_difference_and_the_others_are_made(
    month: Proven, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(ground: VerificationContext) -> AsyncIterator[Difference]:
        yield Difference("months", "2026-05", "hash")
        raise ValueError(str(ground.now))

    monkeypatch.setitem(registry.CHECKS, "months", fails)
    await month.sql("UPDATE desk.items SET perimeter = false WHERE item_id = $1", chrono=RUNNING)
    found = await differences(month)
    assert f"{RUNNING}: perimeter: from true to false" in found
    assert found[-2:] == ["2026-05: hash", "months: the check could not be made (ValueError)"]


async def test_tamper_what_is_kept_beside_the_facts_for_a_report(month: Proven) -> None:
    async with transaction(month.desk) as connection:
        assert await history_job.keep(connection) == 5
    assert await differences(month) == []
    await month.sql(
        "UPDATE desk.item_histories SET proof = 'keyed' WHERE item_id = $1", chrono=LATE
    )
    await month.sql("UPDATE desk.item_histories SET seq = 9 WHERE item_id = $1", chrono=FIRST)
    assert {str(found) for found in (await month.night(TONIGHT + DAY)).differences} == {
        f"{FIRST}: history seq: from 2 to 9",
        f"{LATE}: history proof: from delivered to keyed",
    }
