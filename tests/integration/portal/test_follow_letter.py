"""`/suivi`: a letter is followed by its number and code, and nobody else's is ever found."""

import asyncio
import json
import secrets
from pathlib import Path

import httpx
import pytest

from services.desk.handlers.arrivals import hears_arrivals
from services.desk.store import notices
from services.desk.store.notices import Notice
from services.portal.app import know_letters, take_notes
from services.portal.domain import limits
from services.portal.pages import follow_add, follow_letter, serve
from services.portal.store.letters import KnownLetters
from shared.content.follow_codes import FollowCode, follow_code
from shared.content.site_keys import SiteKeys, key_id
from shared.content.spool import FollowedNumber
from shared.facts.arrival_base import TokenThread
from shared.facts.envelope import Chrono
from shared.facts.ids import arrival_id, item_id
from shared.facts.vocabulary import Channel, ClockName, NoticeKind, Way
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.tables.commitments import Commitment
from shared.site.tables.services import Services
from shared.values import Certainty, Source
from tests.desk_browser import TODAY, loose
from tests.desk_builders import DAYS, GO_LIVE, a_site, an_arrival, certain, proposed, rules
from tests.integration.portal.public_deposits import deposited
from tests.portal_browser import HOME, Visitor, public_pages
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site")

KEYS = SiteKeys(b"secret of the tests")
A, B = Chrono("36-2026-A-000001"), Chrono("36-2026-A-000002")
MINE, THEIRS = follow_code(KEYS, A), follow_code(KEYS, B)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test counts its own tries, and knows what it read itself."""
    monkeypatch.setattr(follow_letter, "_LIMITS", limits.Limits())
    monkeypatch.setattr(follow_add, "_LIMIT", limits.DailyLimit())
    monkeypatch.setattr(follow_letter, "KNOWN", KnownLetters())


@pytest.fixture
async def browser(pool: Pool, story_clock: Clock, tmp_path: Path) -> Visitor:
    """Somebody on a network of their own."""
    return Visitor(public_pages(pool, story_clock, tmp_path), address="192.0.2.7")


@pytest.fixture
async def letters(register: Pool, postgres_url: str) -> Pool:
    """Two letters with their codes: the first is the service's, the second nobody's yet."""
    arrivals = [an_arrival("mine", routing=certain()), an_arrival("theirs", routing=proposed())]
    async with transaction(register) as connection:
        await hears_arrivals(rules)(connection, arrivals, TODAY)
    async with one_transaction(postgres_url) as owner:
        for arrival, code in zip(arrivals, (MINE, THEIRS), strict=True):
            await owner.execute(
                "SELECT portal.give_follow_code($1, $2, $3, $4)",
                code.digest,
                item_id("indre", arrival.arrival_id),
                KEYS.id,
                TODAY,
            )
    return register


async def change(register: Pool, what: str, chrono: Chrono = A) -> None:
    await register.execute(f"UPDATE desk.items SET {what} WHERE chrono = $1", chrono)  # noqa: S608  (the tables below)


async def ask(browser: Visitor, number: str, code: str) -> httpx.Response:
    """Types a number and a code into the page."""
    sent = {"page": "/suivi", "numero": number, "code": code}
    return await browser.client.post("/suivi", data=sent, headers={"origin": HOME})


async def test_a_letter_is_followed_by_what_its_receipt_says(
    browser: Visitor, letters: Pool
) -> None:
    answer = await ask(browser, "36 2026 a 1", MINE.shown.lower())
    assert (answer.status_code, answer.headers["location"]) == (303, MINE.path)
    page = await browser.page(MINE.path)
    assert "11 mai 2026" in page
    assert "Bureau bmi" in page
    assert "Pas encore de réponse" in page
    await change(letters, "state = 'awaiting_pieces'")
    assert "Il nous manque des documents" in await browser.page(MINE.path)
    await change(letters, "state = 'answered', answered_at = '2026-05-12 08:00+00'")
    page = await browser.page(MINE.path)
    assert "Notre réponse est partie le mardi 12 mai 2026" in page
    assert "Pas encore de réponse" not in page


@pytest.mark.parametrize(
    ("change_", "shown", "hidden"),
    [
        ("confidentiality = 'reserve'", "Une personne la lit", "Bureau bmi"),
        ("state = 'transferred'", "une autre administration", "Bureau bmi"),
        ("state = 'to_qualify'", "Une personne la lit", "Bureau bmi"),
    ],
)
async def test_what_nobody_decided_or_may_know_is_not_said(
    browser: Visitor, letters: Pool, change_: str, shown: str, hidden: str
) -> None:
    await change(letters, change_)
    page = await browser.page(MINE.path)
    assert shown in page
    assert hidden not in page


NOBODY_SAID = ("répondrons", "vous répond.", "En général", "Une personne la lit", "rejoignent")


@pytest.mark.parametrize(
    "change_",
    [
        "state = 'closed'",
        "state = 'returned'",
        "confidentiality = 'reserve', state = 'transferred'",
        "confidentiality = 'personal', state = 'transferred'",
    ],
)
async def test_of_what_ended_without_an_answer_only_its_day_is_said(
    browser: Visitor, letters: Pool, change_: str
) -> None:
    await change(letters, change_)
    page = await browser.page(MINE.path)
    assert "11 mai 2026" in page
    assert "Pour toute question" in page
    hidden = (*NOBODY_SAID, "Bureau bmi", "Pas encore de réponse", "transmise", "Ce n’est pas")
    assert [said for said in hidden if said in page] == []


async def test_what_is_promised_to_everybody_is_said_of_no_letter_out_of_the_perimeter(
    browser: Visitor, letters: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = "En général, nous répondons en 5 jours."
    await everybody_is_promised(letters, monkeypatch, usual)
    promised = ("Nous vous répondrons", usual, "Ils rejoignent")
    page = await browser.page(MINE.path)
    assert [said in page for said in promised] == [True, True, True]
    for change_ in ("perimeter = false", "perimeter = true, nature = 'appeal'"):
        await change(letters, change_)
        page = await browser.page(MINE.path)
        assert [said in page for said in promised] == [False, False, True]
        assert "Pas encore de réponse aujourd’hui." in page


async def everybody_is_promised(
    register: Pool, monkeypatch: pytest.MonkeyPatch, usual: str, own: str = "everybody"
) -> None:
    """A site that promises everybody something; the first letter's reply clock counts `own`."""
    source = Source(text="x", certainty=Certainty.CHOICE)
    line = Commitment(id="everybody", clock=ClockName.REPLY, days=5, ladder="x", source=source)
    monkeypatch.setattr(follow_letter, "everybodys", lambda *_: line)
    monkeypatch.setattr(follow_letter, "general_commitment", lambda *_: usual)
    await register.execute(
        "INSERT INTO desk.clocks (item_id, clock, revision, commitment, limit_day, holder, rungs)"
        " SELECT item_id, 'reply', 1, $2, '2026-05-18', '{}', '{}' FROM desk.items"
        " WHERE chrono = $1",
        A,
        own,
    )


async def test_what_is_promised_to_everybody_is_not_said_where_the_clock_counts_another_promise(
    browser: Visitor, letters: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await everybody_is_promised(letters, monkeypatch, "En général, en 5 jours.", "reclamations")
    page = await browser.page(MINE.path)
    assert "Nous vous répondrons" in page
    assert "En général" not in page


async def test_a_service_that_gives_appointments_says_where(
    browser: Visitor, letters: Pool, postgres_url: str
) -> None:
    link = '<a href="https://rdv.example/36" rel="noreferrer">prendre rendez-vous'
    assert link not in await browser.page(MINE.path)
    site = a_site()
    page = {"appointments": "https://rdv.example/36"}
    rows = tuple(
        row.model_copy(update=page) if row.id == "bmi" else row for row in site.services.services
    )
    gives = site.model_copy(update={"services": Services(services=rows)})
    async with one_transaction(postgres_url) as owner:
        await store.keep(owner, gives, DAYS, "q.officer", "tests", GO_LIVE)
    assert link in await browser.page(MINE.path)
    assert link not in await browser.page(THEIRS.path), "no service has it yet"
    await change(letters, "confidentiality = 'reserve'")
    assert link not in await browser.page(MINE.path), "whose it is, is not said"


async def acknowledged(register: Pool, state: str = "sent") -> None:
    """The acknowledgement that names the first letter's service, and the clock of its reply."""
    await change(register, "due = '2026-05-18', due_clock = 'reply'")
    await register.execute(
        "INSERT INTO desk.notices (notice_id, item_id, kind, way, state, at)"
        " SELECT gen_random_uuid(), item_id, 'simple', 'mail', $2, $3 FROM desk.items"
        " WHERE chrono = $1",
        A,
        state,
        TODAY,
    )


BY_THEN = "au plus tard le lundi 18 mai 2026"


async def test_a_date_is_told_once_the_acknowledgement_that_names_the_service_left(
    browser: Visitor, letters: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await everybody_is_promised(letters, monkeypatch, "En général, bientôt.")
    await change(letters, "due = '2026-05-18', due_clock = 'reply'")
    page = await browser.page(MINE.path)
    assert BY_THEN not in page
    assert "En général" in page
    await acknowledged(letters)
    page = await browser.page(MINE.path)
    assert BY_THEN in page
    assert "En général" not in page


async def test_no_date_is_told_of_a_letter_whose_acknowledgement_is_held(
    browser: Visitor, letters: Pool
) -> None:
    await acknowledged(letters, "held")
    assert BY_THEN not in await browser.page(MINE.path)


@pytest.mark.parametrize("batches", [1, 3])
async def test_no_date_is_told_of_a_letter_whose_acknowledgement_a_person_let_leave(
    browser: Visitor, letters: Pool, batches: int
) -> None:
    """However late the register hears that it was held, and that it left."""
    await acknowledged(letters)
    assert BY_THEN in await browser.page(MINE.path)
    async with transaction(letters) as connection:
        (row,) = await connection.fetch("SELECT item_id, notice_id FROM desk.notices")
        held, left = (
            Notice(
                item_id=row["item_id"],
                notice_id=row["notice_id"],
                kind=NoticeKind.SIMPLE,
                way=Way.MAIL,
                state=state,
                at=TODAY,
                why=None,
                document=None,
            )
            for state in ("held", "sent")
        )
        for batch in ([held, left],) if batches == 1 else ([held], [left], [left]):
            await notices.save(connection, batch)
    assert BY_THEN not in await browser.page(MINE.path)


@pytest.mark.parametrize(
    "change_",
    [
        "provisional = true",
        "nature = 'appeal'",
        "state = 'to_qualify'",
        "state = 'awaiting_pieces'",
        "state = 'awaiting_third'",
        "confidentiality = 'reserve'",
        "perimeter = false",
        "due_clock = 'implied_decision'",
        "due = '2026-05-07'",
    ],
)
async def test_no_date_is_told_where_it_does_not_hold(
    browser: Visitor, letters: Pool, change_: str
) -> None:
    await acknowledged(letters)
    await change(letters, change_)
    assert "au plus tard" not in await browser.page(MINE.path)


async def test_of_what_was_destroyed_nothing_is_shown_and_nothing_is_taken(
    browser: Visitor, letters: Pool, tmp_path: Path
) -> None:
    await change(letters, "state = 'destroyed'")
    assert (await browser.get(MINE.path)).status_code == 404
    assert (await add(browser, MINE, message="Encore un mot.")).status_code == 404
    assert deposited(tmp_path) == []


async def test_a_letter_that_joined_another_is_followed_there(
    browser: Visitor, letters: Pool
) -> None:
    into = item_id("indre", an_arrival("mine").arrival_id)
    await change(letters, f"state = 'merged', merged_into = '{into}'", B)
    assert "Bureau bmi" in await browser.page(THEIRS.path)
    await change(letters, "state = 'answered', answered_at = '2026-05-12 08:00+00'")
    assert "Nous vous avons répondu" in await browser.page(THEIRS.path)


async def test_a_letter_is_followed_however_often_it_was_joined_and_as_long_as_that_is_open(
    browser: Visitor, letters: Pool
) -> None:
    async with transaction(letters) as connection:
        await hears_arrivals(rules)(connection, [an_arrival("last", routing=certain())], TODAY)
    theirs, last = (item_id("indre", an_arrival(name).arrival_id) for name in ("theirs", "last"))
    await change(letters, f"state = 'merged', merged_into = '{theirs}'")
    await change(letters, f"state = 'merged', merged_into = '{last}'", B)
    forget = "SELECT portal.forget('2027-05-12 08:00+00')"
    await letters.execute(forget)
    assert "Bureau bmi" in await browser.page(MINE.path), "it is open still"
    answered = "state = 'answered', answered_at = '2026-05-12 08:00+00'"
    await change(letters, answered, Chrono("36-2026-A-000003"))
    for code in (MINE, THEIRS):
        assert "Nous vous avons répondu" in await browser.page(code.path)
    await letters.execute(forget)
    assert (await browser.get(MINE.path)).status_code == 404


async def test_an_unknown_number_and_a_wrong_code_have_one_answer(
    browser: Visitor, letters: Pool
) -> None:
    """To the octet: the same page, the same headers, whatever was guessed."""
    del letters
    guesses = [
        (A, "AAAAAAAAAA"),  # there is this number
        (Chrono("36-2026-A-999999"), MINE.code),  # and there is this code
        (A, THEIRS.code),  # another's
        (B, MINE.code),
        (A, KEYS.sign("chrono", A)),  # what a mail's subject bears
        (A, f"{KEYS.id}{MINE.code}"),  # signed by no secret that says itself
        (Chrono("no number"), "no code"),
    ]
    answers = [await browser.get(FollowCode(*guess).path) for guess in guesses]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    posted = [await ask(browser, *guess) for guess in guesses]
    assert {answer.status_code for answer in posted} == {422}
    said = [
        answer.text.replace(number, "NUMBER").replace(code, "CODE")
        for answer, (number, code) in zip(posted, guesses, strict=True)
    ]
    assert len(set(said)) == 1


async def test_nothing_of_a_person_is_in_any_answer(browser: Visitor, letters: Pool) -> None:
    await change(letters, "agent = 'k.lefevre', correspondent = repeat('c', 64)")
    pages = [await browser.page(code.path) for code in (MINE, THEIRS)]
    pages.append((await browser.get(f"/suivi/{A}/AAAAAAAAAA")).text)
    pages.append((await ask(browser, A, "AAAAAAAAAA")).text)
    items = await letters.fetch("SELECT item_id, category, agent, correspondent FROM desk.items")
    for row in items:
        for secret in row.values():
            assert all(str(secret) not in page for page in pages if secret)
    assert all(KEYS.id not in page for page in pages)
    assert B not in pages[0]


async def test_who_guesses_from_one_place_waits_and_who_knows_is_not_counted(
    browser: Visitor, letters: Pool
) -> None:
    del letters
    for _ in range(40):
        assert (await browser.get(MINE.path)).status_code == 200
    tries = limits.FROM_ONE * limits.TRIES
    for _ in range(tries):
        assert (await browser.get(f"/suivi/{A}/AAAAAAAAAA")).status_code == 404
    for refused in (await browser.get(f"/suivi/{A}/AAAAAAAAAA"), await browser.get(MINE.path)):
        assert refused.status_code == 429, "whether the code is right is not said either"
        assert int(refused.headers["retry-after"]) > 0
    assert (await ask(browser, A, MINE.code)).status_code == 429
    elsewhere = Visitor(browser.pages, address="198.51.100.4")
    assert (await elsewhere.get(MINE.path)).status_code == 200


async def test_ten_thousand_guesses_find_nothing(pool: Pool, letters: Pool) -> None:
    """Behind the limits: codes of chance, of another secret, of the neighbour's letter."""
    del letters
    other = SiteKeys(b"another prefecture's")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    guesses = [
        FollowCode(A, "".join(secrets.choice(alphabet) for _ in range(10))) for _ in range(8_000)
    ]
    numbers = [Chrono(f"36-2026-A-{number:06d}") for number in range(1, 1_001)]
    guesses += [follow_code(other, number) for number in numbers]
    guesses += [FollowCode(number, MINE.code) for number in numbers if number != A]
    guesses.append(FollowCode(A, THEIRS.code))
    assert len({guess.digest for guess in guesses}) == 10_000
    found = "SELECT digest FROM portal.followed_letters WHERE digest = ANY ($1::text[])"
    async with transaction(pool) as connection:
        assert await connection.fetch(found, [guess.digest for guess in guesses]) == []
        assert len(await connection.fetch(found, [MINE.digest, THEIRS.digest])) == 2


async def test_while_postgresql_is_away_the_page_says_what_it_knew_and_when(
    browser: Visitor, letters: Pool, story_clock: Clock, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    del letters
    pool = browser.pages.pool
    await take_notes(pool, browser.pages.rules, tmp_path / "spool")
    await know_letters(pool, story_clock, follow_letter.KNOWN)
    before = await browser.page(MINE.path)
    monkeypatch.setattr(serve, "answers", lambda *_: asyncio.sleep(0, result=False))
    page = await browser.page(MINE.path)
    local = story_clock.now().astimezone(browser.pages.rules.applied.site.zone)
    assert f"à {local.hour} h {local:%M}." in loose(page)
    assert "Bureau bmi" in page
    assert "ne répond pas" not in before
    unknown = await browser.get(f"/suivi/{A}/AAAAAAAAAA")
    assert unknown.status_code == 503
    assert (await ask(browser, A, "AAAAAAAAAA")).status_code == 503
    assert (await ask(browser, A, MINE.code)).status_code == 303


async def add(browser: Visitor, code: FollowCode, **said: str) -> httpx.Response:
    """Sends what is typed below the state of a letter."""
    sent = {"depot": "3f1e1a52-7a51-4f0e-9e51-0c5b6f0a3a11", "page": code.path, **said}
    return await browser.client.post(code.path, data=sent, headers={"origin": HOME})


async def test_what_is_added_enters_with_the_letters_own_code(
    browser: Visitor, letters: Pool, tmp_path: Path
) -> None:
    (twice, again) = [await add(browser, MINE, message="Voici ce qui manquait.") for _ in range(2)]
    assert (twice.status_code, twice.headers["location"]) == (303, again.headers["location"])
    await change(letters, "state = 'answered', answered_at = '2026-05-12 08:00+00'")
    assert "Ce n’est pas répondu" in await browser.page(MINE.path)
    assert (await add(browser, MINE, message="Rien sur ma question.")).status_code == 303
    added = deposited(tmp_path)
    follows = FollowedNumber(chrono=A, code=MINE.code)
    assert {(sent.subject, sent.text, sent.follows, sent.name, sent.email) for sent in added} == {
        (f"Suite de la demande {A}", "Voici ce qui manquait.", follows, "", ""),
        (f"Ce n’est pas répondu {A}", "Rien sur ma question.", follows, "", ""),
    }


async def test_nothing_is_added_by_a_guess_nor_by_an_empty_page(
    browser: Visitor, letters: Pool, tmp_path: Path
) -> None:
    del letters
    wrong = FollowCode(A, "AAAAAAAAAA")
    assert (await add(browser, wrong, message="À qui que ce soit.")).status_code == 404
    empty = await add(browser, MINE)
    assert empty.status_code == 422
    assert "Écrivez votre message" in empty.text
    assert "Bureau bmi" in empty.text, "what was known is still there"
    assert deposited(tmp_path) == []


async def test_one_letter_takes_ten_messages_a_day_from_wherever_they_come(
    browser: Visitor, letters: Pool, tmp_path: Path
) -> None:
    del letters
    for number in range(10):
        visitor = Visitor(browser.pages, address=f"198.51.100.{number}")
        assert (await add(visitor, MINE, message=f"Mot {number}.")).status_code == 303
    elsewhere = Visitor(browser.pages, address="203.0.113.9")
    refused = await add(elsewhere, MINE, message="Un mot de plus.")
    assert refused.status_code == 422
    assert "dix messages pour cette demande aujourd’hui" in refused.text
    assert len(deposited(tmp_path)) == 10
    assert (await add(elsewhere, MINE, message="Mot 3.")).status_code == 303, "it is there already"
    assert (await add(elsewhere, THEIRS, message="Un mot.")).status_code == 303


async def test_a_number_that_another_letter_had_before_a_restore_shows_neither(
    browser: Visitor, letters: Pool, postgres_url: str
) -> None:
    del letters
    lost = item_id("indre", an_arrival("lost by the restore").arrival_id)
    keep = "INSERT INTO desk.former_chronos (chrono, item_id, said) VALUES ($1, $2, 'receipt')"
    async with one_transaction(postgres_url) as owner:
        await owner.execute(keep, A, lost)
        await owner.execute(keep, B, item_id("indre", an_arrival("theirs").arrival_id))
    assert (await browser.get(MINE.path)).status_code == 404
    assert (await browser.get(THEIRS.path)).status_code == 200, "it has its own number again"


async def test_who_added_something_reads_that_it_came_and_finds_the_way_back(
    browser: Visitor, letters: Pool
) -> None:
    where = (await add(browser, MINE, message="Suite.")).headers["location"]
    page = loose(await browser.page(where))
    assert "Votre message nous est parvenu" in page
    assert "Il rejoint votre demande." in page
    assert f'<a href="{MINE.path}">' in page
    assert [said for said in OF_THE_FORM if said in page] == []
    assert "Suite." not in page
    for state in ("answered", "transferred", "closed"):
        await change(letters, f"state = '{state}', answered_at = '2026-05-12 08:00+00'")
        page = loose(await browser.page(where))
        assert "Une personne le lira." in page
        assert "rejoint" not in page, "it is a letter of its own then"


OF_THE_FORM = ("accusé", "adresse électronique", "Écrire un autre message", "Numéro de dépôt")
"""What only the page of a message of the form says."""


async def test_the_page_of_what_was_added_opens_by_the_code_and_for_what_came_alone(
    browser: Visitor, letters: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    del letters
    where = (await add(browser, MINE, message="Suite.")).headers["location"]
    guessed = await browser.get(where.replace(MINE.code, "AAAAAAAAAA"))
    unknown = await browser.get(f"/suivi/{A}/AAAAAAAAAA")
    assert (guessed.status_code, guessed.content) == (404, unknown.content)
    never = await browser.get(f"{where.rpartition('/')[0]}/{NEVER}")
    assert (never.status_code, never.headers["location"]) == (303, MINE.path)
    monkeypatch.setattr(serve, "answers", lambda *_: asyncio.sleep(0, result=False))
    assert (await browser.get(where)).status_code == 503


NEVER = "3f1e1a52-7a51-4f0e-9e51-0c5b6f0a3a12"


async def test_what_is_added_while_postgresql_is_away_is_said_to_have_come(
    browser: Visitor, letters: Pool, story_clock: Clock, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    del letters
    pool = browser.pages.pool
    await take_notes(pool, browser.pages.rules, tmp_path / "spool")
    await know_letters(pool, story_clock, follow_letter.KNOWN)
    before = (await add(browser, MINE, message="Avant.")).headers["location"]
    monkeypatch.setattr(serve, "answers", lambda *_: asyncio.sleep(0, result=False))
    meanwhile = (await add(browser, MINE, message="Suite.")).headers["location"]
    assert "Il rejoint votre demande." in loose(await browser.page(meanwhile))
    later = await browser.get(before)
    assert later.status_code == 503
    assert "vous n’avez pas à l’envoyer de nouveau" in loose(later.text)


async def test_what_is_added_joins_an_open_letter_as_its_senders_next_message(
    browser: Visitor, letters: Pool
) -> None:
    where = (await add(browser, MINE, message="Suite.")).headers["location"]
    await hears(letters, where)
    deposit = f"/formulaire/depot/{where.rpartition('/')[2]}"
    assert f"<strong>{A}</strong>" in await browser.page(deposit)
    facts = await letters.fetch("SELECT payload FROM desk.facts ORDER BY seq")
    types = [json.loads(row["payload"])["type"] for row in facts]
    assert types.count("SenderWroteAgain") == 1, "whoever has it sees that something came"


async def hears(register: Pool, where: str) -> None:
    """The register hears of a deposit by its address, once ingest has verified its code."""
    deposit = where.rpartition("/")[2]
    arrival = an_arrival(
        deposit,
        arrival_id=arrival_id("indre", "spool", deposit),
        source="spool",
        channel=Channel.FORM,
        routing=proposed(),
        threads=(TokenThread(chrono=A),),
        correspondent=None,
    )
    async with transaction(register) as connection:
        await hears_arrivals(rules)(connection, [arrival], TODAY)


async def test_a_code_ends_with_its_secret_and_ninety_days_after_the_answer(
    browser: Visitor, letters: Pool, postgres_url: str
) -> None:
    await change(letters, "state = 'answered', answered_at = '2026-05-12 08:00+00'")
    forget = "SELECT portal.forget('2026-05-12 08:00+00'::timestamptz + make_interval(secs => $1))"
    await letters.execute(forget, 0)
    assert (await browser.get(MINE.path)).status_code == 200
    await letters.execute(forget, 1)
    assert (await browser.get(MINE.path)).status_code == 404
    assert (await browser.get(THEIRS.path)).status_code == 200, "it is open still"
    async with one_transaction(postgres_url) as owner:
        await owner.execute("SELECT portal.end_follow_codes($1)", [key_id(b"another")])
        assert (await browser.get(THEIRS.path)).status_code == 200
    async with one_transaction(postgres_url) as owner:
        await owner.execute("SELECT portal.end_follow_codes($1)", [KEYS.id])
    assert (await browser.get(THEIRS.path)).status_code == 404
