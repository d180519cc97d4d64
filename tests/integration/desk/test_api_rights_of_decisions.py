"""Each key × scope × object: the decisions that it takes, may not take, or knows nothing of."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from services.desk.api.domain.keys import KeyScope
from services.desk.pages.api.decisions import by_session
from services.desk.pages.api.decisions.table import DECISIONS, ENDPOINTS
from services.desk.pages.serve import PageServer
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.integration.desk.programs import (
    ELSEWHERE,
    FIRST,
    NOWHERE,
    RESERVED,
    Program,
    a_register,
    given,
)

pytestmark = pytest.mark.usefixtures("live_site", "environment")

BODIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "dismiss": {"reason": "made-up"},
    "correct-receipt": {"day": "2026-05-11", "reason": "made-up"},
    "confirm-regime": {"regime": "made-up"},
    "extend-period": {"reason": "made-up"},
    "ask-pieces": {"until": "2026-06-05", "pieces": [], "sent": True},
    "await-third": {"who": "made-up"},
    "ask-opinion": {"service": "made-up", "until": "2026-06-05", "question": "Qu’en dites-vous ?"},
    "to-signature": {"signatory": "nobody"},
    "transfer": {"to": "made-up", "way": "mail", "sent": True},
    "answer-reminder": {"reason": "made-up", "until": "2026-06-05"},
    "hold-on": {"until": "2020-01-01", "sent": True},
    "confirm-reply": {"seen": "reply"},
    "depart": {"kind": "receipt"},
    "post": {"notice": "00000000-0000-4000-8000-000000000000"},
    "declare": {"day": "2199-01-01"},
    "decide": {"effect": "acceptance", "day": "2199-01-01"},
    "take-back": {"reason": "unknown_at_address"},
    "register-letter": {"number": "no number"},
    "note-delivery": {"day": "2199-01-01"},
    "settle-copy": {"notice": "00000000-0000-5000-8000-000000000001"},
    "settle-return": {"outcome": "sent_again"},
    "close": {"reason": "made-up"},
    "reopen": {"reason": "made-up"},
    "split": {"seq": 999},
    "undo": {"seq": 999},
    "explain-late": {"cause": "volume"},
    "reclassify": {"category": "made-up"},
    "qualify": {"category": "made-up"},
    "correct-sender": {"address": "no address"},
    "assign": {"service": "made-up"},
}
"""By decision a body that is read, and refused by the rules where the key may decide at all: no row
of the table changes what the next one meets. Those left out have none and are refused by it."""
SORTS: Final = frozenset(decision.name for decision in DECISIONS if decision.sorts)
READS = (
    KeyScope.ITEMS,
    KeyScope.CONTENT,
    KeyScope.FIGURES,
    KeyScope.LETTERS,
    KeyScope.RESERVED,
    KeyScope.DEPOSIT,
    KeyScope.DIRECTORY,
)
DECIDES, RESERVES = (KeyScope.DECIDE,), (KeyScope.DECIDE, KeyScope.RESERVED)
RIGHTS: Final[Sequence[tuple[Sequence[KeyScope], Sequence[str] | None, Mapping[str, str]]]] = (
    (READS, None, {FIRST: "nn", NOWHERE: "nn"}),
    (DECIDES, ("bmi",), {FIRST: "yn", RESERVED: ".n", ELSEWHERE: "nn", NOWHERE: ".n"}),
    (DECIDES, ("dre",), {FIRST: ".n", ELSEWHERE: "yn"}),
    (DECIDES, ("courrier",), {FIRST: "yy", RESERVED: ".."}),
    (DECIDES, None, {RESERVED: ".."}),
    (RESERVES, ("bmi",), {RESERVED: "yn", ELSEWHERE: "nn"}),
    (RESERVES, ("courrier",), {RESERVED: ".."}),
    (RESERVES, None, {FIRST: "yy", RESERVED: "yy", ELSEWHERE: "yy", NOWHERE: ".."}),
)
"""By scopes and services of a key, for each item what its decisions answer, the ordinary ones and
those of the bureau du courrier: judged (by the rules), not this key's (403), not there (404).
ELSEWHERE has bmi in copy, which only reads."""
MET: Final = {200: "y", 409: "y", 412: "y", 403: "n", 404: "."}
STALE: Final = f'"{"0" * 32}"'


@pytest.fixture
async def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    made = await a_register(pool, story_clock, tmp_path)
    office = await given(made, KeyScope.DECIDE, KeyScope.ITEMS, services=("courrier",))
    assert (await office.decide(ELSEWHERE, "assign", copies=["bmi"])).status_code == 200
    return made


async def met(program: Program, chrono: str, name: str) -> str:
    """What a decision answers: judged, not this key's, not there."""
    body = {"into": chrono} if name == "merge" else BODIES.get(name, {})
    # Given back, an item would be another service's: what was seen is said to be past instead.
    tag = STALE if name == "hand-back" else "*"
    answer = await program.decide(chrono, name, tag=tag, **body)
    assert answer.status_code in MET, (name, answer.text)
    return MET[answer.status_code]


async def test_each_key_takes_of_each_item_the_decisions_that_the_table_says(
    desk: PageServer,
) -> None:
    names = [decision.name for decision in DECISIONS]
    assert BODIES.keys() <= set(names)
    for scopes, services, told in RIGHTS:
        program = await given(desk, *scopes, services=services, pace=6000)
        for chrono, (ordinary, sorting) in _both(told):
            for name in names:
                wanted = sorting if name in SORTS else ordinary
                assert await met(program, chrono, name) == wanted, (scopes, services, chrono, name)


def _both(told: Mapping[str, str]) -> list[tuple[str, tuple[str, str]]]:
    """By item, what ordinary decisions and those of the bureau answer."""
    return [(chrono, (wanted[0], wanted[1])) for chrono, wanted in told.items()]


async def test_no_key_at_all_takes_what_a_person_decides(desk: PageServer) -> None:
    everything = await given(desk, *KeyScope, services=None, pace=6000)
    nothing = await given(desk, *READS, services=None, pace=6000)
    for decision in by_session.DECISIONS:
        for chrono in (FIRST, RESERVED, ELSEWHERE, NOWHERE):
            for program, code in ((everything, "by-session-only"), (nothing, "scope")):
                answer = await program.decide(chrono, decision.name, tag="*")
                assert (answer.status_code, answer.json()["code"]) == (403, code), decision.name


async def test_papers_and_what_waits_are_the_bureaus_alone(desk: PageServer) -> None:
    """Addresses of decisions that name no item."""
    beside = [row for row in ENDPOINTS if "{chrono}" not in row.path]
    arrival = "00000000-0000-4000-8000-000000000000"
    bodies = {"/items": {"category": "made-up"}}
    for scopes, services, wanted in (
        (READS, None, "n"),
        (DECIDES, ("bmi",), "n"),
        (RESERVES, ("bmi", "dre"), "n"),
        (DECIDES, ("courrier",), "y"),
        (RESERVES, None, "y"),
    ):
        program = await given(desk, *scopes, services=services, pace=6000)
        for row in beside:
            path = row.path.replace("{arrival:uuid}", arrival)
            answer = (
                await program.get(path)
                if row.method == "GET"
                else await program.post(
                    path, bodies.get(path, {}), **{"idempotency-key": path.replace("/", "-")}
                )
            )
            code = answer.json().get("code", "")
            assert ("n" if code in {"scope", "not-yours"} else "y") == wanted, (services, path)
            assert code in {"", "scope", "not-yours", "refused"}, answer.text
