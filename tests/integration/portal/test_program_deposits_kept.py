"""What programs deposit is kept whatever is away: PostgreSQL, the disk, the rules of then."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.desk.api.domain.keys import KeyScope
from services.portal.app import know_deposit_keys, take_notes
from services.portal.domain import deposit
from services.portal.pages import form, serve
from services.portal.store import deposit_names, deposits
from services.portal.store.deposit_names import NamedDeposit
from shared.content import spool
from shared.errors import TemporaryFailure
from shared.facts.envelope import Digest
from shared.platform import disk_space
from shared.platform.clock import Clock
from shared.platform.database import Pool
from shared.web import bodies
from shared.web.forms import Mistyped
from shared.web.program_requests import UNKNOWN_PER_MINUTE
from tests.desk_browser import TODAY
from tests.integration.portal.depositors import a_file, a_key, sent
from tests.integration.portal.public_deposits import deposited
from tests.portal_browser import HOME, Visitor, public_pages

pytestmark = pytest.mark.usefixtures("live_site")


@pytest.fixture
async def portal(pool: Pool, story_clock: Clock, tmp_path: Path) -> Visitor:
    return Visitor(public_pages(pool, story_clock, tmp_path))


async def test_what_programs_deposit_uses_up_nothing_of_the_publics(
    portal: Visitor, register: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "FROM_ALL", 1)
    assert (await sent(portal, await a_key(register))).status_code == 202

    async def typed(message: str) -> int:
        said = {"depot": str(uuid4()), "nature": "demande", "message": message}
        answer = await portal.client.post("/formulaire", data=said, headers={"origin": HOME})
        return answer.status_code

    assert await typed("Une personne écrit.") == 303
    assert await typed("Encore une.") == 429, "of the public itself there were enough"
    assert len(deposited(tmp_path)) == 2


async def test_a_third_deposit_of_a_key_at_once_is_refused_and_no_other_keys(
    portal: Visitor, register: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, other = await a_key(register), await a_key(register)
    goes_on, reading, read = asyncio.Event(), asyncio.Queue[None](), bodies.read

    async def slowly(*args: Any) -> bytes:
        reading.put_nowait(None)
        await goes_on.wait()
        return await read(*args)

    monkeypatch.setattr(bodies, "read", slowly)
    async with asyncio.timeout(120):
        slow = [asyncio.create_task(sent(portal, token, once=word)) for word in "ab"]
        for _ in slow:
            await reading.get()
        third = await sent(portal, token, once="c")
        assert (third.status_code, third.json()["code"]) == (503, "busy")
        slow.append(asyncio.create_task(sent(portal, other)))
        await reading.get()
        full = await sent(portal, await a_key(register))
        assert (full.status_code, full.json()["code"]) == (503, "busy")
        goes_on.set()
        assert [(await answer).status_code for answer in slow] == [202] * 3
        assert (await sent(portal, token, once="c")).status_code == 202


async def test_while_postgresql_is_away_deposits_are_kept_by_the_last_known_keys(
    portal: Visitor, pool: Pool, register: Pool, tmp_path: Path
) -> None:
    token, unknown = await a_key(register), await a_key(register, KeyScope.ITEMS)
    await know_deposit_keys(pool, portal.pages.programs.keys)
    await take_notes(pool, portal.pages.rules, tmp_path / "spool")
    pool.terminate()
    first = await sent(portal, token)
    assert first.status_code == 202, first.text
    assert (await sent(portal, token)).text == first.text
    assert (await sent(portal, token, message="Autre chose.")).status_code == 422
    wrong = f"{token[:-1]}{'x' if token[-1] != 'x' else 'y'}"
    assert (await sent(portal, wrong)).status_code == 401
    later = await sent(portal, unknown)
    assert (later.status_code, later.json()["code"]) == (503, "away"), "it may hold by now"
    assert len(deposited(tmp_path)) == 1


async def test_a_portal_that_knows_no_keys_yet_takes_nothing_and_calls_none_wrong(
    portal: Visitor, pool: Pool, register: Pool, tmp_path: Path
) -> None:
    token = await a_key(register)
    await take_notes(pool, portal.pages.rules, tmp_path / "spool")
    pool.terminate()
    answer = await sent(portal, token)
    assert (answer.status_code, answer.json()["code"]) == (503, "away")
    for _ in range(UNKNOWN_PER_MINUTE):
        answer = await sent(portal, token)
    assert (answer.status_code, answer.json()["code"]) == (429, "pace")


async def test_a_disk_that_takes_nothing_is_said_and_no_key_is_called_wrong(
    portal: Visitor, register: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await a_key(register)

    def full(*_: object) -> None:
        raise TemporaryFailure("No space left.")

    with monkeypatch.context() as patched:
        patched.setattr(spool, "deposit", full)
        answer = await sent(portal, token)
    assert (answer.status_code, answer.json()["code"]) == (503, "away")
    assert int(answer.headers["retry-after"]) > 0
    assert deposited(tmp_path) == []
    assert (await sent(portal, token)).status_code == 202
    with monkeypatch.context() as patched:
        patched.setattr(disk_space, "why_full", lambda *_: "full")
        answer = await sent(portal, token, once="b")
    assert (answer.status_code, answer.json()["code"]) == (503, "away")


def test_what_a_key_named_is_forgotten_after_its_time(tmp_path: Path) -> None:
    name, spool_folder = uuid4(), tmp_path / "spool"
    before, after = (NamedDeposit(uuid4(), Digest(word * 64)) for word in "ab")
    assert deposit_names.named_deposit(spool_folder, name) is None
    assert deposit_names.first(spool_folder, name, before) == before
    assert deposit_names.first(spool_folder, name, after) == before
    assert deposit_names.named_deposit(spool_folder, name) == before
    assert spool_folder.stat().st_mode & 0o777 == 0o700
    assert deposit_names.forget(spool_folder, TODAY.replace(year=2000)) == 0
    assert deposit_names.forget(spool_folder, TODAY.replace(year=2999)) == 1
    assert deposit_names.first(spool_folder, name, after) == after


async def test_while_postgresql_is_away_too_programs_use_up_nothing_of_the_publics(
    portal: Visitor,
    pool: Pool,
    register: Pool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(form, "FROM_ALL", 1)
    token, spool_folder = await a_key(register), tmp_path / "spool"
    await know_deposit_keys(pool, portal.pages.programs.keys)
    await take_notes(pool, portal.pages.rules, spool_folder)
    with monkeypatch.context() as patched:
        patched.setattr(serve, "answers", _away)
        assert (await sent(portal, token)).status_code == 202
        said = {"depot": str(uuid4()), "nature": "demande", "message": "Une personne écrit."}
        typed = await portal.client.post("/formulaire", data=said, headers={"origin": HOME})
        assert typed.status_code == 303
    assert await take_notes(pool, portal.pages.rules, spool_folder) == 2
    assert await take_notes(pool, portal.pages.rules, spool_folder) == 0
    kept = await pool.fetch("SELECT by_program FROM portal.deposits ORDER BY by_program")
    assert [row["by_program"] for row in kept] == [False, True]


async def _away(*_: object) -> bool:
    return False


async def test_what_is_on_the_disk_when_postgresql_goes_away_is_kept_once(
    portal: Visitor,
    pool: Pool,
    register: Pool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    token = await a_key(register)

    async def fails(*_: object, **__: object) -> None:
        raise TemporaryFailure("PostgreSQL went away.")

    with monkeypatch.context() as patched:
        patched.setattr(deposits, "insert", fails)
        first = await sent(portal, token)
    assert first.status_code == 202, first.text
    assert (await sent(portal, token)).text == first.text
    assert len(deposited(tmp_path)) == 1
    assert await take_notes(pool, portal.pages.rules, tmp_path / "spool") == 1


async def test_what_is_kept_is_answered_alike_whatever_the_rules_are_by_now(
    portal: Visitor, register: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await a_key(register)
    first = await sent(portal, token, files=[a_file()])

    def refuses(*_: object) -> None:
        raise Mistyped("service", "Choisissez un service dans la liste.")

    monkeypatch.setattr(deposit, "deposit_of", refuses)
    assert (await sent(portal, token, once="b")).status_code == 422
    assert (await sent(portal, token, files=[a_file()])).text == first.text
