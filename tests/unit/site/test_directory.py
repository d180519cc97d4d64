from datetime import date, time
from pathlib import Path

from shared.facts.envelope import PersonId, ServiceId
from shared.site.load import load_proposal
from shared.site.staff.directory import Directory
from shared.site.tables.identity import OpeningHours
from shared.site.tables.people import Absence, Person

MONDAY = date(2026, 5, 11)
FOLDER = Path(__file__).parents[3] / "deploy" / "site" / "indre"


def somebody(name: str, deputy: str | None) -> Person:
    return Person(
        id=name,
        first_name=name.title(),
        name="Exemple",
        capacity="attachée",
        email=f"{name}@indre.example",
        phone="02",
        services=("bmi",),
        deputy=deputy,
    )


def directory(*away: str) -> Directory:
    people = [somebody("a", "b"), somebody("b", "c"), somebody("c", "a"), somebody("d", None)]
    return Directory(
        people={PersonId(person.id): person for person in people},
        absences=[Absence(person=person, first=MONDAY, last=MONDAY) for person in away],
        hours={ServiceId("bmi"): OpeningHours(opens=time(10), closes=time(12))},
    )


def told(found: Directory, person: str, day: date = MONDAY) -> tuple[str, str | None] | None:
    reader = found.reader(person, day)
    if reader is None:
        return None
    return reader.person.id, reader.instead_of.id if reader.instead_of else None


def test_whoever_is_there_reads_their_own_digest() -> None:
    assert told(directory(), "a") == ("a", None)
    assert told(directory("a"), "a", date(2026, 5, 12)) == ("a", None)


def test_the_deputy_reads_it_while_a_person_is_away() -> None:
    assert told(directory("a"), "a") == ("b", "a")


def test_the_deputys_deputy_reads_it_when_both_are_away() -> None:
    assert told(directory("a", "b"), "a") == ("c", "a")


def test_when_everybody_is_away_it_waits_in_the_persons_own_mailbox() -> None:
    assert told(directory("a", "b", "c"), "a") == ("a", None)
    assert told(directory("d"), "d") == ("d", None)


def test_nobody_is_told_for_somebody_unknown() -> None:
    assert told(directory(), "z") is None


def test_hours_changed_at_the_desk_replace_those_of_the_rules() -> None:
    site = load_proposal(FOLDER).site
    assert directory().opening(site, "bmi").opens == time(10)
    assert directory().opening(site, "courrier").opens == time(8, 30)
    assert directory().opening(site, "bre").opens == time(9)


def test_people_of_a_service_are_in_order_of_their_names() -> None:
    assert [person.id for person in directory().of("bmi")] == ["a", "b", "c", "d"]
