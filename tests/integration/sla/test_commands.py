"""`vaguemestre sla …` as a person types it."""

import asyncio
import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from services.__main__ import main
from shared.facts.vocabulary import ClockName
from tests.integration.sla.conftest import Clocks
from tests.roles import one_transaction, under_role
from tests.unit.sla.builders import AGENT, Register, paris

Say = Callable[..., "asyncio.Future[tuple[int, str]]"]


@pytest.fixture
def say(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Runs a command beside the test's own loop; exit code and output."""
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", under_role(postgres_url, "sla"))
    monkeypatch.delenv("VAGUEMESTRE_KAFKA", raising=False)  # a question is put to PostgreSQL alone

    async def said(*words: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, main, list(words))
        return result.exit_code, result.output

    return lambda *words: asyncio.ensure_future(said(*words))


async def a_late_mail(clocks: Clocks) -> None:
    """Of Monday 11 May, due on Tuesday 19, answered on Thursday 21."""
    register = Register()
    register.registered(paris(11), agent=AGENT)
    await clocks.hear(register.facts, paris(11))
    await clocks.wake(paris(20, 6))
    register.replied(paris(21, 16))
    await clocks.hear(register.facts[1:], paris(21, 16))


async def test_explain_shows_each_day_skipped_and_why(clocks: Clocks, say: Say) -> None:
    await a_late_mail(clocks)
    code, output = await say("sla", "explain", "36-2026-A-000001")
    assert code == 0, output
    reply = output.split("reply: ")[1]
    assert [line.strip() for line in reply.splitlines()] == [
        "5 jours ouvrés (reply-cinq-5; à la main (choice))",
        (
            "message   36-2026-A-000001 by email, received Mon 2026-05-11, limit Tue 2026-05-19 by"
            " reply-cinq-5, gives day 0 and the limit;"
            " no. 1 ItemRegistered by person:a.gent at 2026-05-11 10:00"
        ),
        "day 0     Mon 2026-05-11",
        "day 1-2   Tue 2026-05-12 to Wed 2026-05-13",
        "skipped   Thu 2026-05-14  jeudi de l’Ascension",
        "day 3     Fri 2026-05-15",
        "skipped   Sat 2026-05-16  samedi",
        "skipped   Sun 2026-05-17  dimanche",
        "day 4-5   Mon 2026-05-18 to Tue 2026-05-19",
        "limit     Tue 2026-05-19 24:00",
        "late day 6-7 Wed 2026-05-20 to Thu 2026-05-21",
        "told      -2",
        "result    late Thu 2026-05-21 by ReplySent: raw 7 jours ouvrés, net 7",
        "rules     version 1 in effect from 2026-01-01 10:00, metropole, holidays 0.108",
    ]


async def test_explain_says_what_a_register_that_forgets_ascension_says(
    clocks: Clocks, say: Say
) -> None:
    await a_late_mail(clocks)
    _, output = await say("sla", "explain", "36-2026-A-000001", "--compare-forgetting", "ascension")
    assert "(a register that forgets Ascension says Mon 2026-05-18)" in output


async def test_explain_speaks_to_programs_too(clocks: Clocks, say: Say) -> None:
    await a_late_mail(clocks)
    _, output = await say("sla", "explain", "36-2026-A-000001", "--json")
    [reply] = [clock for clock in json.loads(output)["clocks"] if clock["clock"] == ClockName.REPLY]
    assert (reply["limit"], reply["stop"]["raw"]) == ("2026-05-19", 7)
    assert {"day": "2026-05-14", "why": "jeudi de l’Ascension"} in reply["days"]
    late = {"since": "2026-05-20", "until": "2026-05-21", "first": 6, "last": 7}
    assert (reply["late_days"], reply["counted_until"]) == ([late], "2026-05-21")
    assert [fact["type"] for fact in json.loads(output)["facts"]] == ["ItemRegistered", "ReplySent"]


@pytest.mark.parametrize("typed", ["1", "A-1", "36-2026-a-1"])
async def test_explain_understands_a_chrono_as_a_person_types_it(
    clocks: Clocks, postgres_url: str, say: Say, typed: str
) -> None:
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", paris(21, 17))
    await a_late_mail(clocks)
    code, output = await say("sla", "explain", typed)
    assert (code, "late Thu 2026-05-21" in output) == (0, True), output


async def test_a_chrono_that_nobody_bears_gets_one_clear_sentence(clocks: Clocks, say: Say) -> None:
    del clocks
    code, output = await say("sla", "explain", "36-2026-A-999999")
    assert (code, output) == (
        1, "Error: No item that sla has heard of bears 36-2026-A-999999: check the number.\n",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("received", "days", "territory", "due"),
    [
        ("2026-05-11", "5", "metropole", "2026-05-19"),
        ("2026-05-11", "15", "metropole", "2026-06-03"),
        ("2026-03-30", "5", "alsace-moselle", "2026-04-08"),
        ("2026-12-21", "5", "metropole", "2026-12-29"),
        ("2026-05-16", "0", "metropole", "2026-05-18"),
    ],
)
async def test_deadline_prints_one_date(
    say: Say, received: str, days: str, territory: str, due: str
) -> None:
    words = ("--received", received, "--working-days", days, "--territory", territory)
    assert await say("sla", "deadline", *words) == (0, f"{due}\n")


async def test_deadline_says_that_the_law_was_another_in_1975(say: Say) -> None:
    words = ("--received", "1975-05-01", "--working-days", "5")
    code, output = await say("sla", "deadline", *words)
    assert code == 1
    assert output == (
        "Error: The public holidays of 1975 were others: Code du travail, art. L3133-1 and"
        " L3422-2, hold as we count from 1984 on\n"
    )


async def test_rebuild_and_dead_letters_answer(clocks: Clocks, say: Say) -> None:
    await a_late_mail(clocks)
    code, output = await say("sla", "rebuild", "--yes")
    assert (code, output) == (
        0, "1 items wait for their facts: run `vaguemestre desk republish`.\n",
    )  # fmt: skip
    assert await say("sla", "dead-letters", "list") == (0, "")
    code, output = await say("sla", "dead-letters", "drop", "7")
    assert (code, "lost for ever" in output) == (1, True)
    assert await say("sla", "dead-letters", "drop", "7", "--yes") == (0, "7: was not there\n")
    code, output = await say("sla", "dead-letters", "retry", "7")
    assert (code, output) == (1, "Error: There is no dead letter 7: list them again.\n")


async def test_release_says_until_when_and_asks_for_a_name_and_a_reason(
    clocks: Clocks, say: Say
) -> None:
    code, output = await say("sla", "release", "--by", "A. Gent", "--why", "reprise")
    assert code == 0
    assert output.startswith("Nothing waits. Whatever falls due until ")
    assert output.endswith(" 00:00 will be announced.\n")
    code, output = await say("sla", "release", "--by", "A. Gent", "--why", " ")
    assert (code, output) == (
        1, "Error: Say who lets it go and why: --by NAME --why REASON.\n",
    )  # fmt: skip
    assert await clocks.pool.fetchval("SELECT why FROM sla.releases") == "reprise"
