"""Each change of one of ours is mailed to them, once, at the address that held until then."""

from datetime import datetime, timedelta

from shared.facts import ids
from shared.facts.envelope import PersonId, Via
from shared.facts.items.directory import PersonChange, PersonChanged, Stage
from shared.site.staff import people_store
from tests.contract.smtp.sink import Taken
from tests.integration.notify.conftest import House
from tests.roles import one_transaction
from tests.unit.notify.builders import MONDAY, event

HEAD = PersonId("d.charron")


def changed(
    n: int,
    change: PersonChange,
    *,
    person: str = "f.lemoine",
    by: str = f"person:{HEAD}",
    stage: Stage = Stage.DONE,
    at: datetime = MONDAY,
) -> PersonChanged:
    return PersonChanged(
        event_id=event(f"{person} {n}"), happened_at=at, recorded_at=at, by=by, via=Via.SESSION,
        item_id=ids.person_id("indre", person), seq=n, person=PersonId(person), change=change,
        stage=stage,
    )  # fmt: skip


def text(taken: Taken) -> str:
    return " ".join(f"{taken.message['subject']} {taken.message.get_content()}".split())


async def test_the_person_is_told_who_asked_what_and_who_confirmed_it(house: House) -> None:
    asked = changed(1, PersonChange.DEPUTY, stage=Stage.ASKED)
    done = changed(2, PersonChange.DEPUTY, by="person:v.noel")
    await house.hear(asked, asked)
    await house.hear(asked, done)
    async with house.sending():
        await house.until(("person_changed", "sent", None), ("person_changed", "sent", None))
    first, second = (text(mail) for mail in sorted(house.sink.taken, key=text))
    assert {mail.recipient for mail in house.sink.taken} == {"francoise.lemoine@indre.example"}
    assert "un changement attend une seconde personne" in first + second
    assert "par Delphine Charron" in first + second
    assert "votre suppléance a changé" in first + second
    assert "/personne/f.lemoine" in first


async def test_the_person_is_told_that_the_provider_or_the_owner_changed_it(house: House) -> None:
    await house.hear(
        changed(1, PersonChange.SERVICES, by="source:provider"),
        changed(2, PersonChange.ARRIVED, by="account:owner"),
    )
    async with house.sending():
        await house.until(("person_changed", "sent", None), ("person_changed", "sent", None))
    said = " ".join(map(text, house.sink.taken))
    assert "vos services ont changé" in said
    assert "par le fournisseur d’identité" in said
    assert "par l’administrateur" in said


async def test_a_new_address_is_told_at_the_old_one(house: House, postgres_url: str) -> None:
    later = MONDAY + timedelta(hours=1)
    async with one_transaction(postgres_url) as owner:
        person = (await people_store.people_at(owner, MONDAY)).people[PersonId("f.lemoine")]
        moved = person.model_copy(update={"email": "ailleurs@indre.example"})
        await people_store.set_person(owner, moved, "tests", later)
    await house.hear(changed(1, PersonChange.MAILBOX, by="account:local", at=later))
    house.clock.at = later
    async with house.sending():
        await house.until(("person_changed", "sent", None))
    (taken,) = house.sink.taken
    assert taken.recipient == "francoise.lemoine@indre.example"
    assert "votre adresse électronique a changé" in text(taken)
    assert "par l’administrateur" in text(taken)


async def test_a_leaver_is_told_and_a_deputy_hears_nothing_of_it(
    house: House, postgres_url: str
) -> None:
    later = MONDAY + timedelta(hours=1)
    async with one_transaction(postgres_url) as owner:
        person = (await people_store.people_at(owner, MONDAY)).people[PersonId("k.haddad")]
        await people_store.set_person(owner, person, "tests", later, gone=True)
    await house.hear(changed(1, PersonChange.LEFT, person="k.haddad", at=later))
    house.clock.at = later
    async with house.sending():
        await house.until(("person_changed", "sent", None))
    (taken,) = house.sink.taken
    assert taken.recipient == "karima.haddad@indre.example"
    assert "vos sessions sont closes" in text(taken)


async def test_before_go_live_nobody_is_written_to(house_before: House) -> None:
    await house_before.hear(changed(1, PersonChange.ARRIVED))
    assert await house_before.states() == []
