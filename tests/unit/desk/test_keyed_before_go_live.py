"""What is keyed with a day before go-live is timed from that day, its past untold."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.desk.domain.decisions import counter
from services.desk.domain.decisions.context import DecisionContext
from shared.facts.envelope import Chrono, PersonId
from shared.facts.items.registration import ItemRegistered
from shared.site.staff.directory import Directory
from tests.desk_builders import an_applied_site, some_people

PEOPLE = {PersonId(person.id): person for person in some_people().people}


@pytest.mark.parametrize(
    ("day", "imported"),
    [(date(2026, 4, 30), True), (date(2026, 5, 1), False), (date(2026, 5, 12), False)],
)
def test_a_letter_keyed_with_a_day_before_go_live_is_imported(day: date, *, imported: bool) -> None:
    now = datetime(2026, 5, 13, 9, tzinfo=UTC)
    directory = Directory(PEOPLE, (), {})
    ground = DecisionContext(
        PEOPLE[PersonId("c.lerk")], UUID(int=1), now, an_applied_site(), directory, {}
    )
    command = counter.RegisterAtCounter(Chrono("36-2026-A-000001"), "association", day)
    (fact,) = counter.register(command, ground)
    assert isinstance(fact, ItemRegistered)
    assert fact.imported is imported
