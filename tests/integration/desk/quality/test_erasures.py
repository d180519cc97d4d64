"""A text or a document of the quality system is erased by two persons, for good."""

import hashlib
import io
import zipfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from pydantic import SecretStr

from services.desk.domain.writings import text_id
from services.desk.evidence.verification import writings
from services.desk.evidence.verification.ground import WHOLE_STORE, VerificationContext
from services.desk.pages.quality import quality_texts
from services.desk.quality.committee_service import CommitteeDesk
from services.desk.quality.domain import minutes
from services.desk.quality.domain.minutes import Block, BlockKind
from services.desk.quality.store import texts
from services.desk.quality.store.committee import erase_names
from services.desk.retention.blob_deletion import tidy
from services.desk.store import quality
from services.desk.store.quality import Author
from services.ops.replanner import make_replanning
from shared.content.blobs import LocalBlobs
from shared.facts import ids
from shared.facts.envelope import Digest
from shared.facts.origin import SESSION
from shared.facts.quality import Quality
from shared.facts.quality.committee import College, MeetingCalled, MinutesApproved
from shared.facts.quality.erasures import ErasureAsked, ErasureDropped, WritingErased
from shared.facts.quality.label import ProofFiled
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.applied_rules import AppliedRules
from shared.site.staff.people_store import people_at
from tests.desk_browser import Browser, pages
from tests.integration.desk.closed import JULY
from tests.integration.desk.quality.test_label_pages import LABEL, PHONE, TEXTS, file, states, told
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site", "environment")

URL = "/qualite/textes"
NAMING = "M. Dupont était absent."
SEEN = {"preuve": "observation appels", "jour": "2026-06-01", "tenu": "yes", "remarque": NAMING}


@dataclass(frozen=True, slots=True)
class Two:
    """The référent qualité and the SG, each in their own session, on the second of July 2026."""

    officer: Browser
    secretary: Browser
    pool: Pool
    folder: Path
    postgres_url: str

    async def ask(self, fact: Quality, number: int = 0) -> int:
        form = {"numero": str(number), "motif": "piece-d-un-tiers"}
        page = f"{URL}/{fact.seq}"
        return (await self.officer.send(page, f"{page}/effacer", form)).status_code

    async def decide(self, who: Browser, fact: Quality, act: str = "confirmer") -> int:
        page = f"{URL}/{fact.seq}"
        asked = [fact for fact in await told(self.pool) if isinstance(fact, ErasureAsked)][-1]
        form = {"demande": str(asked.seq), "acte": act}
        return (await who.send(page, f"{page}/decider", form)).status_code

    async def night(self) -> list[str]:
        """What a look at every text and document finds."""
        async with transaction(self.pool) as connection:
            applied, replan = await store.current(connection), await make_replanning()(connection)
        ground = VerificationContext(
            self.pool, applied, replan, LocalBlobs(self.folder), WHOLE_STORE, JULY
        )
        return [str(difference) async for difference in writings.check(ground)]


@pytest.fixture
async def two(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[Two]:
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", JULY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    desk = pages(pool, clock, tmp_path)
    async with AsyncExitStack() as open_:
        officer = await Browser(desk).sign_in("q.officer")
        secretary = await Browser(desk).sign_in("s.general")
        for browser in (officer, secretary):
            open_.push_async_callback(browser.client.aclose)
        yield Two(officer, secretary, pool, tmp_path, postgres_url)


async def test_a_text_is_erased_by_two_persons_and_its_fact_stays(two: Two) -> None:
    assert await file(two.officer, PHONE, **SEEN) == 303
    [filed] = await told(two.pool)
    assert NAMING in await two.officer.page(f"{URL}/{filed.seq}")
    assert await two.ask(filed) == 303
    assert await two.ask(filed) == 422  # it waits already
    assert NAMING in await two.officer.page(PHONE)
    assert await two.decide(two.officer, filed) == 422  # whoever asked does not confirm
    assert await two.decide(two.secretary, filed) == 303
    assert (await states(two.officer))["telephone"] == "non concluant"  # words alone showed it
    for page in (PHONE, f"{URL}/{filed.seq}", URL):
        shown = await two.officer.page(page)
        assert NAMING not in shown
        assert "effacé" in shown
    assert await two.decide(two.secretary, filed) == 422
    assert await two.ask(filed) == 422
    first, asked, erased = await told(two.pool)
    assert first == filed
    assert isinstance(asked, ErasureAsked)
    assert isinstance(erased, WritingErased)
    assert (asked.by, erased.by) == ("person:q.officer", "person:s.general")
    assert (erased.asked, erased.fact, erased.reason) == (
        asked.seq, filed.seq, "piece-d-un-tiers",
    )  # fmt: skip
    assert await two.night() == []


async def test_what_was_erased_is_confirmed_by_no_guess(two: Two) -> None:
    await file(two.officer, PHONE, **SEEN)
    [filed] = await told(two.pool)
    assert isinstance(filed, ProofFiled)
    assert filed.sha256 != hashlib.sha256(NAMING.encode()).hexdigest()
    await two.ask(filed)
    await two.decide(two.secretary, filed)
    left = await two.pool.fetchrow("SELECT body, salt FROM desk.quality_texts")
    assert left is not None
    assert dict(left) == {"body": None, "salt": None}
    await file(two.officer, PHONE, **SEEN)  # typed again it is another text
    [*_, again] = await told(two.pool)
    assert isinstance(again, ProofFiled)
    assert again.sha256 != filed.sha256
    rows = BeautifulSoup(await two.officer.page(PHONE), "html.parser").select("td.sentence")
    assert [row.text for row in rows if row.text in {NAMING, "texte effacé"}] == [
        NAMING, "texte effacé",
    ]  # fmt: skip


async def test_a_document_is_erased_from_the_disk_and_shows_nothing_any_more(two: Two) -> None:
    what = {"preuve": "document textes", "jour": "2026-06-01", "tenu": "yes"}
    await file(two.officer, TEXTS, **what, document="%PDF-1.7 M. Dupont")
    assert (await states(two.officer))["alerte-textes"] == "tenu"
    [filed] = await told(two.pool)
    assert isinstance(filed, ProofFiled)
    assert filed.file is not None
    await two.ask(filed)
    await two.decide(two.secretary, filed)
    await tidy(two.pool, AppliedRules(), LocalBlobs(two.folder), JULY)
    assert not (two.folder / filed.file).exists()
    assert (await two.officer.get(f"{LABEL}/preuves/{filed.seq}")).status_code == 404
    assert (await states(two.officer))["alerte-textes"] == "non concluant"
    assert "a été effacé : déposez-en une autre" in await two.officer.page(TEXTS)
    packed = (await two.officer.get(f"{LABEL}/dossier.zip")).content
    with zipfile.ZipFile(io.BytesIO(packed)) as dossier:
        sums = dossier.read("SHA256SUMS").decode()
    assert "effacée : pieces/001-alerte-textes-textes-2026-06-01" in sums
    assert await two.night() == []
    # A restored disk has it again: until it is erased again, the night says so.
    year, owner, _ = filed.file.split("/")
    await LocalBlobs(two.folder).put(int(year), UUID(owner), b"%PDF-1.7 M. Dupont")
    [found] = await two.night()
    assert found.endswith("from retiré to conforme")


async def test_a_request_that_is_given_up_erases_nothing_and_may_be_asked_again(two: Two) -> None:
    await file(two.officer, PHONE, **SEEN)
    [filed] = await told(two.pool)
    for wrong in (filed.seq + 1, 10**30):
        assert (await two.officer.get(f"{URL}/{wrong}")).status_code == 404
    assert (await two.officer.get(f"{URL}?avant={10**30}")).status_code == 200
    await two.ask(filed)
    assert await two.decide(two.officer, filed, "laisser") == 303
    assert isinstance((await told(two.pool))[-1], ErasureDropped)
    assert await two.decide(two.secretary, filed) == 422
    assert NAMING in await two.officer.page(PHONE)
    assert await two.ask(filed) == 303


async def test_tamper_a_text_emptied_without_a_fact_is_named_by_the_night(two: Two) -> None:
    await file(two.officer, PHONE, **SEEN)
    [filed] = await told(two.pool)
    await two.pool.execute("UPDATE desk.quality_texts SET body = NULL, erased_at = now()")
    assert await two.night() == ["quality 1: its text is erased, and no fact says so"]
    assert await two.ask(filed) == 422  # two persons do not make it lawful afterwards


async def test_tamper_the_name_of_a_member_in_office_is_named_by_the_night(two: Two) -> None:
    async with transaction(two.pool) as connection:
        author = Author("indre", "person:q.officer", JULY, SESSION)
        people = await people_at(connection, JULY)
        committee = CommitteeDesk(connection, author, await store.current(connection), people)
        for name in ("Odette Vannier", "Lucien Astier"):
            await committee.appoint(name, "Familles", College.USERS)
        await committee.end(2, date(2023, 7, 2))
    await two.pool.execute("UPDATE desk.quality_texts SET body = NULL, erased_at = now()")
    assert await two.night() == ["quality 1: its text is erased, and no fact says so"]


async def test_minutes_that_were_erased_are_there_no_more_and_nothing_fails(two: Two) -> None:
    async with transaction(two.pool) as connection:
        author = Author("indre", "person:q.officer", JULY, SESSION)
        subject = ids.quality_id("indre", "committee meeting", "1")
        place = await texts.keep(connection, subject, "Salle des fêtes", JULY)
        text = minutes.write_minutes([Block(BlockKind.TEXT, NAMING)])
        written = await texts.keep(connection, subject, text, JULY)
        await quality.state(
            connection, author, subject, MeetingCalled, sha256=place, number=1, at=JULY
        )
        await quality.state(connection, author, subject, MinutesApproved, sha256=written)
    url = "/qualite/comite/reunions/1/compte-rendu.odt"
    assert (await two.officer.get(url)).status_code == 200
    approved = (await told(two.pool))[-1]
    assert NAMING in await two.officer.page(f"{URL}/{approved.seq}")
    await two.ask(approved)
    await two.decide(two.secretary, approved)
    assert (await two.officer.get(url)).status_code == 404
    meeting = await two.officer.get(url.removesuffix("/compte-rendu.odt"))
    assert (meeting.status_code, NAMING in meeting.text) == (200, False)
    assert "ne se lit plus" in meeting.text
    assert await two.night() == []


async def test_what_is_gone_by_itself_is_erased_by_nobody(two: Two) -> None:
    """The name of a member goes three years after the mandate, between request and confirmation."""
    async with transaction(two.pool) as connection:
        author = Author("indre", "person:q.officer", JULY, SESSION)
        people = await people_at(connection, JULY)
        committee = CommitteeDesk(connection, author, await store.current(connection), people)
        await committee.appoint("Odette Vannier", "Familles", College.USERS)
        await committee.end(1, date(2023, 7, 2))
    member = (await told(two.pool))[0]
    assert await two.ask(member) == 303
    async with transaction(two.pool) as connection:
        assert await erase_names(connection, JULY.date(), JULY) == 1
    page = f"{URL}/{member.seq}"
    asked = (await told(two.pool))[-1]
    form = {"demande": str(asked.seq), "acte": "confirmer"}
    answer = await two.secretary.send(page, f"{page}/decider", form)
    assert answer.status_code == 422
    assert "Rien n’est effacé" in answer.text
    assert not [fact for fact in await told(two.pool) if isinstance(fact, WritingErased)]
    # A text whose row is gone is erased by nobody either.
    await file(two.officer, PHONE, **SEEN)
    filed = (await told(two.pool))[-1]
    assert isinstance(filed, ProofFiled)
    async with one_transaction(two.postgres_url) as owner:
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute("DELETE FROM desk.quality_texts WHERE sha256 = $1", filed.sha256)
    assert await two.ask(filed) == 422


async def test_the_list_goes_on_behind_a_line_that_cant_be_read(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quality_texts, "SHOWN", 2)
    for day in ("2026-06-01", "2026-06-02", "2026-06-03"):
        await file(two.officer, PHONE, **SEEN | {"jour": day})
    async with one_transaction(two.postgres_url) as owner:
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute("UPDATE desk.quality_facts SET payload = '{}' WHERE seq = 2")
    assert f"{URL}?avant=2" in await two.officer.page(URL)
    assert "?avant=" not in await two.officer.page(f"{URL}?avant=2")


async def test_texts_from_before_the_salt_are_read_and_verified(
    two: Two, postgres_url: str
) -> None:
    await file(two.officer, PHONE, **SEEN)
    old = Digest(hashlib.sha256(NAMING.encode()).hexdigest())
    [filed] = await told(two.pool)
    assert isinstance(filed, ProofFiled)
    async with one_transaction(postgres_url) as owner:
        await owner.execute("ALTER TABLE desk.quality_facts DISABLE TRIGGER USER")
        await owner.execute(
            "UPDATE desk.quality_facts SET payload = replace(payload, $1, $2)", filed.sha256, old
        )
        await owner.execute("ALTER TABLE desk.quality_facts ENABLE TRIGGER USER")
        await owner.execute(
            """
            INSERT INTO desk.quality_texts (id, sha256, body, kept_at) VALUES ($1, $2, $3, now())
            """,
            text_id(filed.subject_id, old),
            old,
            NAMING,
        )
    assert NAMING in await two.officer.page(PHONE)
    assert await two.night() == []
