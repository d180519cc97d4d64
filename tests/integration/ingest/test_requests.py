"""What the register asks by the spool: an arrival judged again, a Sent folder searched again."""

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from services.ingest.domain.rules import rules
from services.ingest.mailbox import AccessRefused
from shared.content import spool
from shared.content.spool import FormDeposit, SearchSentRequest
from shared.errors import TemporaryFailure
from shared.facts.envelope import ArrivalId
from shared.platform.database import open_pool
from tests.ingest_builders import SECRET, a_mail, indre
from tests.integration.ingest.door import BMI, NOW, Door, a_reread


@pytest.fixture
async def door(postgres_url: str, tmp_path: Path) -> AsyncIterator[Door]:
    pool = await open_pool(SecretStr(postgres_url), "tests", size=2)
    yield Door(pool, tmp_path)
    await pool.close()


async def test_an_arrival_is_judged_again_with_the_rules_of_now(door: Door) -> None:
    arrival = await door.receive(a_mail())
    table = indre().routing.model_copy(update={"newsletters": ("renee.dupont@orange.example",)})
    door.rules = rules(indre().model_copy(update={"routing": table}), SECRET)
    await door.ask(a_reread(arrival))
    first, again = await door.told()
    assert (first["type"], again["type"]) == ("Arrived", "ArrivalReread")
    assert again["arrival_id"] == first["arrival_id"]
    assert (again["revision"], again["by"]) == (2, "person:m.durand")
    assert again["verdict"] == {"kind": "set_aside", "reason": "newsletter"}
    assert again["receipt"] == first["receipt"]


async def test_each_rereading_is_the_next_revision(door: Door) -> None:
    arrival = await door.receive(a_mail())
    await door.ask(a_reread(arrival))
    await door.ask(a_reread(arrival))
    assert [fact.get("revision") for fact in await door.told()] == [1, 2, 3]


async def test_an_unknown_arrival_is_passed_over(door: Door) -> None:
    await door.ask(a_reread(ArrivalId(UUID(int=7))))
    assert await door.told() == []


async def test_a_search_tells_what_stands_in_sent_once_more_under_its_own_name(door: Door) -> None:
    door.sent.deliver(a_mail(sender="BMI <pref-bmi@indre.example>", to="renee@orange.example"), NOW)
    door.sent.deliver(
        a_mail("Ancien", sender="BMI <pref-bmi@indre.example>", to="renee@orange.example",
               message_id="<vieux@x>"),
        datetime(2026, 1, 5, tzinfo=UTC),
    )  # fmt: skip
    since = datetime(2026, 5, 11, tzinfo=UTC)
    for _ in range(2):
        await door.ask(SearchSentRequest(id=uuid4(), at=NOW, service=BMI, since=since))
    first, second = await door.told()
    assert first["type"] == second["type"] == "ReplySeen"
    assert first["arrival_id"] == second["arrival_id"]
    assert first["event_id"] != second["event_id"]


async def test_what_is_no_deposit_is_set_apart_and_the_others_go_on(door: Door) -> None:
    arrival = await door.receive(a_mail())
    (door.folder / "spool" / "0-broken").mkdir(parents=True)
    await door.ask(a_reread(arrival))
    assert (door.folder / "spool" / ".refused" / "0-broken").is_dir()
    assert len(await door.told()) == 2


async def test_a_request_that_must_wait_keeps_no_form_waiting(door: Door) -> None:
    door.sent.away = True
    spool.deposit(
        door.folder / "spool", SearchSentRequest(id=uuid4(), at=NOW, service=BMI, since=NOW)
    )
    spool.deposit(door.folder / "spool", FormDeposit(id=uuid4(), at=NOW, text="Bonjour"))
    with pytest.raises(TemporaryFailure):
        await door.intake.take_all()
    (waiting,) = spool.waiting_folders(door.folder / "spool")
    assert isinstance(spool.read(waiting)[0], SearchSentRequest)
    assert [fact["channel"] for fact in await door.told()] == ["form"]


async def test_an_arrival_whose_octets_are_gone_sets_the_request_apart(door: Door) -> None:
    arrival = await door.receive(a_mail())
    shutil.rmtree(door.folder / "blobs")
    await door.ask(a_reread(arrival))
    assert len(list((door.folder / "spool" / ".refused").iterdir())) == 1


async def test_what_is_refused_twice_under_one_name_hinders_no_other(door: Door) -> None:
    arrival = await door.receive(a_mail())
    for _ in range(2):
        (door.folder / "spool" / "0-broken").mkdir(parents=True)
        await door.ask(a_reread(arrival))
    assert len(list((door.folder / "spool" / ".refused").iterdir())) == 2
    assert len(await door.told()) == 3


async def test_a_request_that_can_not_be_taken_away_is_answered_once(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.deposit(door.folder / "spool", a_reread(await door.receive(a_mail())))

    def refuses(_: Path) -> None:
        raise TemporaryFailure("Spool: the disk is mounted read-only.")

    with monkeypatch.context() as patch:
        patch.setattr(spool, "remove", refuses)
        for _ in range(2):
            with pytest.raises(TemporaryFailure):
                await door.intake.take_all()
    await door.intake.take_all()
    assert spool.waiting_folders(door.folder / "spool") == []
    assert [fact["type"] for fact in await door.told()] == ["Arrived", "ArrivalReread"]


async def test_a_refused_password_is_not_tried_again_at_each_request(door: Door) -> None:
    door.sent.refuses = True
    spool.deposit(
        door.folder / "spool", SearchSentRequest(id=uuid4(), at=NOW, service=BMI, since=NOW)
    )
    with pytest.raises(AccessRefused, match="refuses user or password"):
        await door.intake.take_all()
    with pytest.raises(AccessRefused, match="wait"):
        await door.intake.take_all()
