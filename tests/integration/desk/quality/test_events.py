"""Events on their pages: two persons open one and approve its texts; mail is only proposed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.desk.quality.event_job import close_ended, look
from services.desk.quality.event_service import EventDesk
from services.desk.store.quality import Author
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Correspondent, Pli
from shared.errors import Refused
from shared.facts import ids
from shared.facts.envelope import At, ItemId
from shared.facts.origin import MACHINE, SESSION
from shared.facts.vocabulary import Confidentiality
from shared.platform.database import Pool, transaction
from shared.site import events as standing
from tests.desk_browser import Browser
from tests.desk_builders import an_arrival, certain, digest
from tests.integration.desk.clocked import ARRIVALS
from tests.integration.desk.proven import named as found_by
from tests.integration.desk.quality.crises import HOME, LINE, NOW, ONE, crisis

pytestmark = pytest.mark.usefixtures("live_site")

MORNING = datetime(2026, 5, 11, 8, 0, tzinfo=UTC)


async def mail(
    pool: Pool,
    folder: Path,
    name: str,
    text: str,
    *,
    received: datetime = MORNING,
    source: str = "mailbox:bmi",
    confidentiality: Confidentiality = Confidentiality.NORMAL,
) -> ItemId:
    """A mail with its text in the blobs, registered."""
    someone = Correspondent(name="Odette Vannier", address=f"{name}@exemple.fr")
    pli = Pli(kind="mail", sender=someone, answer_to=someone, subject="Question", text=text)
    arrival = an_arrival(
        name,
        correspondent=digest(name),
        subject=digest(name),
        receipt=At(instant=received),
        at=received,
        source=source,
        routing=certain(confidentiality=confidentiality),
    )
    key = await plis.write(LocalBlobs(folder), 2026, arrival.arrival_id, pli)
    arrival = arrival.model_copy(update={"pli": key})
    async with transaction(pool) as connection:
        await ARRIVALS(connection, [arrival], received + timedelta(minutes=5))
    return ids.item_id("indre", arrival.arrival_id)


async def told(pool: Pool) -> list[standing.StandingEvent]:
    async with transaction(pool) as connection:
        return list(await standing.open_at(connection, NOW))


async def test_two_persons_open_an_event_and_approve_each_text(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    two = await crisis(pool, postgres_url, tmp_path)
    await two.asked()
    assert f"{ONE}/ouvrir" not in await two.cabinet.page(ONE)
    alone = await two.cabinet.send(ONE, f"{ONE}/ouvrir")
    assert alone.status_code == 422
    assert "Il faut deux personnes" in alone.text
    assert await told(pool) == []
    page = await two.secretary.to(await two.secretary.send(ONE, f"{ONE}/ouvrir"))
    assert "ouvert par Camille S.general" in page
    said = {"partie": "line", "texte": LINE}
    await two.cabinet.to(await two.cabinet.send(ONE, f"{ONE}/texte", said))
    own = await two.cabinet.send(ONE, f"{ONE}/approuver", {"partie": "line", "version": "1"})
    assert "Il faut deux personnes" in own.text
    assert [event.line for event in await told(pool)] == [None]  # written is not approved
    await two.approved("line", 1)
    assert [event.line for event in await told(pool)] == [LINE]
    payloads = await pool.fetch("SELECT payload FROM desk.quality_facts")
    assert not any("routes" in row["payload"] or "Crue" in row["payload"] for row in payloads)
    assert await found_by(pool, "quality") == []


async def test_an_approval_is_of_the_version_that_was_read(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    two = await crisis(pool, postgres_url, tmp_path)
    await two.opened()
    for text in (LINE, f"{LINE} Bis."):
        said = {"partie": "line", "texte": text}
        await two.cabinet.to(await two.cabinet.send(ONE, f"{ONE}/texte", said))
    old = await two.secretary.send(ONE, f"{ONE}/approuver", {"partie": "line", "version": "1"})
    assert "Une autre version a été écrite depuis" in old.text
    await two.approved("line", 2)
    assert [event.line for event in await told(pool)] == [f"{LINE} Bis."]


@pytest.mark.parametrize(
    ("text", "lacks"),
    [("Appelez le 02 54 00 00 00, ou le 1123.", "il manque le 112 et le 114"),
     ("Urgence : 112.", "il manque le 114")],
)  # fmt: skip
async def test_a_line_names_the_numbers_of_emergency_calls(
    pool: Pool, postgres_url: str, tmp_path: Path, text: str, lacks: str
) -> None:
    two = await crisis(pool, postgres_url, tmp_path)
    await two.opened()
    refused = await two.cabinet.send(ONE, f"{ONE}/texte", {"partie": "line", "texte": text})
    assert refused.status_code == 422
    assert lacks in refused.text
    assert text in refused.text  # what was typed stays


async def test_no_command_and_no_machine_opens_an_event(pool: Pool, postgres_url: str) -> None:
    del postgres_url
    async with transaction(pool) as connection:
        by = EventDesk(connection, Author("indre", "person:s.general", NOW, MACHINE))
        with pytest.raises(Refused, match="signed in"):
            await by.ask("crue", NOW + timedelta(days=1), exercise=False)


async def test_one_event_at_a_time_and_an_end_that_is_near(pool: Pool) -> None:
    async with transaction(pool) as connection:
        by = EventDesk(connection, Author("indre", "person:s.general", NOW, SESSION))
        with pytest.raises(Refused, match="at most 31 days"):
            await by.ask("crue", NOW + timedelta(days=32), exercise=False)
        with pytest.raises(Refused, match="letters, digits"):
            await by.ask("M. Dupont", NOW + timedelta(days=1), exercise=False)
        await by.ask("crue", NOW + timedelta(days=1), exercise=False)
        with pytest.raises(Refused, match="open already"):
            await by.ask("neige", NOW + timedelta(days=1), exercise=False)
        await by.ask("essai", NOW + timedelta(days=1), exercise=True)


async def test_mail_is_proposed_with_its_words_and_confirmed_by_a_person(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    flood = await mail(pool, tmp_path, "a", "Ma maison subit une INONDATION.")
    await mail(pool, tmp_path, "b", "Où en est ma carte ?")
    await mail(pool, tmp_path, "c", "L’inondation de 1999.", received=MORNING - timedelta(days=2))
    await mail(pool, tmp_path, "d", "Inondation.", source="mailbox:dre")
    secret = Confidentiality.RESERVE
    await mail(pool, tmp_path, "e", "Inondation.", confidentiality=secret)
    two = await crisis(pool, postgres_url, tmp_path)
    await two.opened()
    await two.ruled("inondation\nroute coupée")
    while await look(pool, LocalBlobs(tmp_path), NOW):
        pass
    office = await Browser(two.secretary.pages).sign_in("c.lerk")
    page = await office.page(f"{ONE}/courriers")
    assert "Proposés (2)" in page  # of bmi and of dre; nothing réservé, nothing of before
    assert "«\N{NO-BREAK SPACE}inondation\N{NO-BREAK SPACE}»" in page
    assert (await two.event()).items == {}  # nobody confirmed
    fields = {"chrono": ["36-2026-A-000001"], "autre": ["36-2026-A-000001"]}
    page = await office.to(await office.send(f"{ONE}/courriers", f"{ONE}/courriers", fields))
    assert "Confirmé : 1 courrier." in page
    event = await two.event()
    assert set(event.items) == {flood}
    assert event.asks_more == {flood}
    fields = {"retirer": ["36-2026-A-000001"]}
    await office.to(await office.send(f"{ONE}/courriers", f"{ONE}/courriers/retirer", fields))
    assert (await two.event()).items == {}


async def test_nobody_confirms_what_they_do_not_read(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await mail(pool, tmp_path, "a", "Inondation.")
    two = await crisis(pool, postgres_url, tmp_path)
    await two.opened()
    refused = await two.cabinet.send(
        f"{ONE}/courriers", f"{ONE}/courriers", {"numero": "36-2026-A-000001"}
    )
    assert refused.status_code == 422
    assert "ne mène à aucun courrier que vous lisez" in refused.text
    page = await two.secretary.to(
        await two.secretary.send(
            f"{ONE}/courriers", f"{ONE}/courriers", {"numero": "36-2026-A-000001"}
        )
    )
    assert "Confirmés (1)" in page
    assert "Confirmés (0)" in await two.cabinet.page(f"{ONE}/courriers")


async def test_what_is_reserve_enters_no_event(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await mail(pool, tmp_path, "a", "Inondation.", confidentiality=Confidentiality.RESERVE)
    two = await crisis(pool, postgres_url, tmp_path)
    await two.opened()
    named = {"numero": "36-2026-A-000001"}
    refused = await two.secretary.send(f"{ONE}/courriers", f"{ONE}/courriers", named)
    assert "n’entre dans aucun événement" in refused.text


async def test_an_event_ends_by_itself_and_is_over_before_any_job_says_so(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    two = await crisis(pool, postgres_url, tmp_path)
    await two.opened()
    after = datetime(2026, 5, 14, 16, 0, tzinfo=UTC)  # 18:00 in Paris
    async with transaction(pool) as connection:
        assert len(await standing.open_at(connection, after - timedelta(seconds=1))) == 1
        assert list(await standing.open_at(connection, after)) == []
    assert (await two.event()).over(after) == after
    async with transaction(pool) as connection:
        assert await close_ended(connection, "indre", after + timedelta(minutes=3)) == 1
        assert await close_ended(connection, "indre", after + timedelta(minutes=9)) == 0
    assert (await two.event()).over(after + timedelta(days=1)) == after
    later = await crisis(pool, postgres_url, tmp_path, after + timedelta(minutes=5))
    refused = await later.cabinet.send(HOME, f"{ONE}/texte", {"partie": "line", "texte": LINE})
    assert "Cet événement est terminé" in refused.text
