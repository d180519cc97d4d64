"""Numbers of the label are replaced by a command and confirmed by another person, signed in."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from services.__main__ import main
from services.desk.pages.serve import PageServer
from services.desk.quality.number_service import NumberService
from services.desk.store import quality
from services.desk.store.quality import Author
from shared.errors import Refused
from shared.facts.envelope import Via
from shared.facts.quality import QUALITY
from shared.facts.quality.base import SubjectId
from shared.facts.quality.label import NumbersConfirmed
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.platform.shell import typed_origin
from shared.site import replacements, store
from shared.site.staff import people_store
from tests.desk_browser import Browser, pages
from tests.rehearsal_builders import NOW
from tests.rehearsal_register import FOLDER, begun
from tests.roles import one_transaction, under_role

URL = "/qualite/nombres"
LETTERS = "channels: [letter, registered_letter, hand_delivered]\n    days: "
BY = ("--by", "Denis Faure", "--why", "lu dans le texte")


@dataclass(frozen=True, slots=True)
class House:
    """The example préfecture: its owner's shell, its pages, folders with other rules."""

    pool: Pool
    postgres_url: str
    folder: Path
    served: PageServer
    opened: list[Browser]

    async def person(self, name: str | None, *, administrator: bool = False) -> Browser:
        browser = await Browser(self.served).sign_in(name, administrator=administrator)
        self.opened.append(browser)
        return browser

    def with_days(self, days: int) -> str:
        """The rules that run, save that letters are answered in so many days."""
        return self.with_text("commitments.yaml", f"{LETTERS}15", f"{LETTERS}{days}", f"{days}")

    def with_text(self, file: str, old: str, new: str, name: str) -> str:
        made = Path(shutil.copytree(FOLDER, self.folder / name))
        text = (made / file).read_text("utf-8")
        assert old in text
        (made / file).write_text(text.replace(old, new, 1), "utf-8")
        return str(made)

    async def applies(self, folder: str, *more: str, by: Sequence[str] = BY) -> tuple[int, str]:
        words = ["site", "apply", folder, *by, *more]
        done = await asyncio.to_thread(CliRunner().invoke, main, words)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output

    async def confirms(self, who: Browser, number: int = 1) -> int:
        return (await who.send(URL, f"{URL}/{number}")).status_code

    async def versions(self) -> list[str]:
        rows = await self.pool.fetch("SELECT author FROM site.versions ORDER BY version")
        return [row["author"] for row in rows]


@pytest.fixture
async def house(
    pool: Pool, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", postgres_url)
    monkeypatch.setenv("VAGUEMESTRE_DATA", str(tmp_path / "none"))
    async with one_transaction(postgres_url) as owner:
        await begun(owner)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    opened = list[Browser]()
    yield House(pool, postgres_url, tmp_path, pages(pool, clock, tmp_path / "desk"), opened)
    for browser in opened:
        await browser.client.aclose()


async def test_a_number_is_replaced_once_a_second_person_confirmed_it_signed_in(
    house: House,
) -> None:
    ten = house.with_days(10)
    code, said = await house.applies(ten)
    assert code == 1
    assert "Nothing was applied; request 1 of Denis Faure is kept" in said
    assert "/qualite/nombres" in said
    assert (await house.applies(ten))[0] == 1  # typing it again is no second person
    assert "No such option" in (await house.applies(ten, "--second", "F. Lemoine"))[1]
    assert await house.versions() == ["q.officer"]

    secretary = await house.person("f.lemoine")
    assert "1 demande attend une seconde personne" in await secretary.page("/qualite")
    page = await secretary.page(URL)
    for shown in ("Denis Faure", "lu dans le texte", "15 jours ouvrés", "10 jours ouvrés"):
        assert shown in page
    assert await house.confirms(secretary) == 303
    assert await house.confirms(secretary) == 422  # it is confirmed

    assert await house.versions() == ["q.officer"]  # a page applies no rules
    code, said = await house.applies(ten)
    assert (code, "Version 2 runs" in said) == (0, True)
    assert await house.versions() == ["q.officer", "Denis Faure with f.lemoine"]
    [row] = await house.pool.fetch("SELECT payload FROM desk.quality_facts")
    fact = QUALITY.validate_json(row["payload"])
    assert isinstance(fact, NumbersConfirmed)
    assert (fact.by, fact.via, fact.request) == ("person:f.lemoine", Via.SESSION, 1)
    assert fact.numbers == ("commitments.reponse-courrier: 15 jours_ouvres → 10 jours_ouvres",)
    page = await secretary.page(URL)
    assert "Aucune demande n’attend." in page
    assert "Confirmées" in page


async def test_what_was_confirmed_is_applied_and_nothing_beside_it(house: House) -> None:
    ten, nine = house.with_days(10), house.with_days(9)
    assert (await house.applies(ten))[0] == 1
    secretary = await house.person("f.lemoine")
    assert await house.confirms(secretary) == 303
    code, said = await house.applies(nine)
    assert (code, "request 2 of Denis Faure" in said) == (1, True)
    # A rule that needs no second person goes first: what was confirmed rests on other rules then.
    other = house.with_text("templates/alert.txt.j2", "Bonjour", "Bonsoir", "other")
    assert (await house.applies(other))[0] == 0
    code, said = await house.applies(ten)
    assert (code, "request 3 of Denis Faure" in said) == (1, True)
    assert await house.confirms(secretary, 2) == 422  # compared with rules that run no more
    assert await house.confirms(secretary, 3) == 303
    code, said = await house.applies(ten, by=("--by", "Paul Renaud", "--why", "à deux"))
    assert (code, "Version 3 runs" in said) == (0, True)
    assert (await house.versions())[-1] == "Paul Renaud for Denis Faure with f.lemoine"


async def test_neither_who_asked_nor_who_is_nobody_confirms(house: House) -> None:
    for days, name in ((10, "H. MARCHAND"), (11, "h.marchand"), (12, "Marchand, Hélène")):
        by = ("--by", name, "--why", "essai")
        assert (await house.applies(house.with_days(days), by=by))[0] == 1
    officer = await house.person("h.marchand")
    for number in (1, 2, 3):
        assert await house.confirms(officer, number) == 422
    assert "Confirmer ces nombres" not in await officer.page(URL)
    agent, account = await house.person("m.perrot"), await house.person(None, administrator=True)
    for nobody in (agent, account):
        assert (await nobody.get(URL)).status_code in {403, 404}
    async with transaction(house.pool) as connection:
        applied = await store.current(connection)
        people = await people_store.people_at(connection, NOW)
        author = Author(applied.site.identity.id, "person:f.lemoine", NOW, typed_origin(None))
        with pytest.raises(Refused, match="signed in"):
            await NumberService(connection, author, applied, people).confirm(1)
    assert await house.pool.fetch("SELECT FROM desk.quality_facts") == []


async def test_what_a_command_states_confirms_nothing_and_a_request_is_never_rewritten(
    house: House,
) -> None:
    ten = house.with_days(10)
    assert (await house.applies(ten))[0] == 1
    async with transaction(house.pool) as connection:
        applied = await store.current(connection)
        [kept] = await replacements.asked_of(connection, applied.digest)
        author = Author(applied.site.identity.id, "person:f.lemoine", NOW, typed_origin(None))
        await quality.state(
            connection, author, SubjectId(uuid4()), NumbersConfirmed, request=kept.number,
            before=kept.what.before, after=kept.what.after, numbers=kept.what.lines,
        )  # fmt: skip
    code, said = await house.applies(ten)
    assert (code, "needs two persons" in said) == (1, True)
    async with one_transaction(house.postgres_url) as owner:
        with pytest.raises(asyncpg.RaiseError, match="stand for ever"):
            async with owner.transaction():
                await owner.execute("UPDATE site.replacements SET author = 'F. Lemoine'")
