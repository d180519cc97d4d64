"""Two clerks never sort the same letter: each has their own open, as long as they look at it."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

from services.desk.domain.decisions.classification import Qualify, Reclassify
from services.desk.news import QUEUE as NEWS
from services.desk.news import NewsReader
from services.desk.service import Qualification, RegisterService
from services.desk.store import queue, queue_claims
from shared.content.blobs import LocalBlobs
from shared.facts.envelope import Chrono, ItemId, PersonId
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from tests.desk_browser import TODAY, Browser
from tests.desk_builders import MONDAY, an_applied_site, an_arrival, digest, proposed
from tests.integration.desk.findings import registered
from tests.integration.desk.offices import QUEUE, a_clerk, chrono, mails, state

pytestmark = pytest.mark.usefixtures("live_site")

FIRST, SECOND = f"{QUEUE}/{chrono(1)}", f"{QUEUE}/{chrono(2)}"
CLERKS, LETTERS = 8, 200


@pytest.fixture
async def clerk(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    return await a_clerk(pool, postgres_url, tmp_path)


@pytest.fixture
async def head(clerk: Browser) -> Browser:
    """A colleague of the mail office."""
    return await Browser(clerk.pages).sign_in("c.head")


def notice(page: str) -> str:
    found = BeautifulSoup(page, "html.parser").find(id="regard")
    assert found is not None
    return " ".join(found.get_text(" ").split())


async def test_each_clerk_is_given_a_letter_of_their_own(
    pool: Pool, clerk: Browser, head: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, proposed(), proposed(), proposed())
    assert (await clerk.get(QUEUE)).headers["location"] == FIRST
    assert (await head.get(QUEUE)).headers["location"] == SECOND
    assert notice(await clerk.page(FIRST)) == ""
    answer = await clerk.send(FIRST, f"{FIRST}/confirmer")
    third = f"{QUEUE}/{chrono(3)}"
    assert answer.headers["location"] == f"{third}?dernier={chrono(1)}", "the second is taken"
    page = await head.page(f"{QUEUE}?apres={chrono(2)}")
    assert "Les 2 courriers qui restent sont ouverts chez vos collègues" in page


async def test_whoever_insists_takes_over_and_the_other_is_told(
    pool: Pool, clerk: Browser, head: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, proposed(), proposed())
    await clerk.page(FIRST)
    page = await head.page(FIRST)
    assert notice(page).startswith("Camille C.lerk regarde ce courrier.")
    refused = await head.send(FIRST, f"{FIRST}/confirmer")
    assert refused.status_code == 422
    assert "Camille C.lerk regarde le courrier" in refused.text
    assert (await state(pool, 1))[0] == "to_qualify"
    taken = await head.send(FIRST, f"{FIRST}/prendre-la-main")
    assert taken.status_code == 200
    assert "Ce courrier est à vous. Camille C.lerk en est averti." in taken.text
    told = await clerk.send(FIRST, f"{FIRST}/regarder")
    assert notice(told.text).startswith("Camille C.head s’occupe maintenant de ce courrier")
    assert (await clerk.send(FIRST, f"{FIRST}/confirmer")).status_code == 422
    assert (await head.send(FIRST, f"{FIRST}/confirmer")).status_code == 303
    decided = await clerk.send(SECOND, f"{FIRST}/regarder")
    assert notice(decided.text).startswith("Ce courrier est trié.")


async def test_a_claim_ends_with_the_page_that_renews_it_or_by_itself(
    pool: Pool, clerk: Browser, head: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, proposed())
    mine, other = str(uuid4()), str(uuid4())
    await clerk.send(FIRST, f"{FIRST}/regarder", {"vue": mine})
    leaves = {"faire": "quitter"}
    gone = await clerk.send("/bureau/file", f"{FIRST}/regarder", {"vue": other} | leaves)
    assert gone.status_code == 204
    assert "regarde ce courrier" in await head.page(FIRST), "another page of theirs was closed"
    await clerk.send("/bureau/file", f"{FIRST}/regarder", {"vue": mine} | leaves)
    assert notice(await head.page(FIRST)) == ""
    assert "regarde ce courrier" in await clerk.page(FIRST)
    # Whoever was killed says nothing: the lease ends.
    await pool.execute("UPDATE desk.queue_claims SET ends_at = now()")
    assert notice(await clerk.page(FIRST)) == ""
    async with transaction(pool) as connection:
        await connection.execute("UPDATE desk.queue_claims SET ends_at = now() - interval '2 h'")
        await queue_claims.forget(connection)
    assert await pool.fetchval("SELECT count(*) FROM desk.queue_claims") == 0


async def test_what_is_only_fetched_before_its_turn_goes_to_whoever_has_nothing_else(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    del clerk
    await mails(pool, tmp_path, proposed(), proposed())
    ada, bob = PersonId("a.da"), PersonId("b.ob")

    async def following(person: PersonId, *, ahead: bool = False) -> Chrono | None:
        async with transaction(pool) as connection:
            found = await queue.claim_next(connection, person, ahead=ahead)
            return None if found is None else found.chrono

    async with transaction(pool) as connection:
        after = await queue.place_of(connection, chrono(1))
        assert (await queue.claim_next(connection, ada)) is not None
        ahead = await queue.claim_next(connection, ada, after=after, ahead=True)
        assert ahead is not None
        assert ahead.chrono == chrono(2)
    assert await following(bob, ahead=True) is None
    assert await following(bob) == chrono(2)
    assert await following(PersonId("c.al")) is None


async def test_eight_clerks_sort_two_hundred_letters_once_each(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    del clerk
    await registered(
        pool,
        *(
            an_arrival(
                f"m{n}",
                routing=proposed(),
                correspondent=digest(f"m{n}"),
                at=MONDAY + timedelta(seconds=n),
            )
            for n in range(LETTERS)
        ),
    )
    site, blobs, sorted_by = an_applied_site(), LocalBlobs(tmp_path), list[tuple[str, Chrono]]()

    async def sort(name: str) -> None:
        """Opens, decides and goes on as the pages do, until nothing is left for them."""
        me, last = PersonId(name), None
        while True:
            async with transaction(pool) as connection:
                place = None if last is None else await queue.place_of(connection, last)
                letter = await queue.claim_next(connection, me, after=place)
            if letter is None:
                if not await pool.fetchval(
                    "SELECT count(*) FROM desk.items WHERE state = 'to_qualify'"
                ):
                    return
                await asyncio.sleep(0)
                continue
            async with transaction(pool) as connection:
                claim = await queue_claims.holder(connection, letter.item_id)
                assert claim is not None
                assert claim.person == me
                people = await people_store.people_at(connection, TODAY)
                who = people.people[PersonId("c.lerk")]
                by = RegisterService(connection, who, uuid4(), TODAY, site, people)
                await by.qualify(letter.item_id, Qualification(Qualify(Reclassify())), blobs)
                await queue_claims.end(connection, letter.item_id, me)
            sorted_by.append((name, letter.chrono))
            last = letter.chrono

    await asyncio.gather(*(sort(f"clerk{n}") for n in range(CLERKS)))
    assert Counter(number for _, number in sorted_by) == Counter(
        chrono(n) for n in range(1, LETTERS + 1)
    )
    shares = Counter(name for name, _ in sorted_by)
    assert len(shares) == CLERKS
    assert min(shares.values()) >= LETTERS / CLERKS / 4, "nobody starves"
    ended = "SELECT count(*) FROM desk.facts WHERE type = 'WaitEnded'"
    assert await pool.fetchval(ended) == LETTERS


async def test_two_who_claim_one_letter_in_the_same_moment_wait_for_nobody(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    del clerk
    await mails(pool, tmp_path, proposed())
    item_id = ItemId(await pool.fetchval("SELECT item_id FROM desk.items"))
    async with transaction(pool) as first, transaction(pool) as second:
        assert await queue_claims.take(first, item_id, PersonId("a.da"))
        assert not await queue_claims.take(second, item_id, PersonId("b.ob"))
        assert await queue.claim_next(second, PersonId("b.ob")) is None


def test_news_of_the_queue_is_for_its_pages_alone() -> None:
    changed = frozenset({NEWS})
    assert NewsReader(None, sorts=True).concerns(changed)
    assert not NewsReader(None).concerns(changed), "those of the services have nothing to draw"
    assert NewsReader(frozenset({"bmi"})).concerns(frozenset({"*"}))


async def test_a_letter_ahead_is_fetched_behind_an_open_one_alone_and_noted(
    pool: Pool, clerk: Browser, head: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, *[proposed() for _ in range(4)])
    nothing = await clerk.send("/bureau/file", f"{FIRST}/d-avance", {"page": FIRST})
    assert nothing.status_code == 204, "nobody has the first open"
    ahead = await clerk.send(FIRST, f"{FIRST}/d-avance")
    assert f"<h1>{chrono(2)}</h1>" in ahead.text
    assert (
        await clerk.send("/bureau/file", f"{SECOND}/d-avance", {"page": SECOND})
    ).status_code == 204
    noted = await pool.fetch("SELECT what, about FROM desk.journal ORDER BY id")
    assert [tuple(line) for line in noted] == [
        ("reading", chrono(1)),
        ("fetched-ahead", chrono(2)),
    ]
    assert "regarde ce courrier" not in await head.page(f"/courrier/{chrono(2)}")
    assert notice(await head.page(SECOND)) == "", "whoever opens it has it"


async def test_a_letter_that_was_fetched_is_shown_once_it_is_whose_it_was_and_as_it_was(
    pool: Pool, clerk: Browser, head: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, *[proposed() for _ in range(4)])
    seq = "SELECT chrono || ':' || seq FROM desk.items WHERE chrono = $1"
    fetched = {n: await pool.fetchval(seq, chrono(n)) for n in (1, 2, 3, 4)}

    async def shown(n: int, **more: str) -> int:
        to = f"{QUEUE}/{chrono(n)}/montrer"
        return (await clerk.send("/bureau/file", to, {"etat": fetched[n], **more})).status_code

    await clerk.send(FIRST, f"{FIRST}/d-avance")
    assert await shown(2) == 204
    assert notice(await head.page(SECOND)).startswith("Camille C.lerk regarde ce courrier")
    read = "SELECT count(*) FROM desk.journal WHERE what = 'reading' AND about = $1"
    assert await pool.fetchval(f"{read} AND person = 'c.lerk'", chrono(2)) == 1
    await clerk.send("/bureau/file", f"{SECOND}/regarder", {"vue": str(uuid4())})
    # The decision that says so claims no other; its answer lets the page stay as it is.
    answer = await clerk.send(FIRST, f"{FIRST}/confirmer", {"montre": chrono(2)})
    assert answer.status_code == 200
    assert f"{chrono(1)}\u00a0: Bureau bmi" in answer.text.replace(" :", "\u00a0:")
    assert (await state(pool, 1))[0] == "open"
    watched = {"vue": str(uuid4()), "avance": fetched[4]}
    beat = await clerk.send("/bureau/file", f"{SECOND}/regarder", watched)
    assert 'id="perime"' not in beat.text
    await clerk.send(SECOND, f"{SECOND}/d-avance")
    # A colleague has the third; somebody said something of the fourth; the first is sorted.
    await head.page(f"{QUEUE}/{chrono(3)}")
    item = f"/courrier/{chrono(4)}"
    said = {"nature": "complaint", "category": "titre-de-sejour"}
    await head.send(item, f"{item}/reclasser", said)
    assert [await shown(n) for n in (3, 4, 1)] == [409, 409, 409]
    beat = await clerk.send("/bureau/file", f"{SECOND}/regarder", watched)
    assert 'id="perime"' in beat.text, "what the page holds of the fourth is forgotten"
    assert await pool.fetchval(f"{read} AND person = 'c.lerk'", chrono(3)) == 0
    # A page that showed it already says so: whoever saw it for a moment has read it, if it came.
    assert [await shown(n, vu="oui") for n in (3, 4)] == [409, 409]
    assert await pool.fetchval(f"{read} AND person = 'c.lerk'", chrono(4)) == 0
    assert await pool.fetchval(f"{read} AND person = 'c.lerk'", chrono(3)) == 1
    await pool.execute("UPDATE desk.items SET was_reserved = true WHERE chrono = $1", chrono(3))
    assert await shown(3, vu="oui") == 409
    assert await pool.fetchval("SELECT count(*) FROM desk.readings WHERE person = 'c.lerk'") == 1
    # Taken over meanwhile, what the page shows is the clerk's no more: the decision leads on.
    await head.send(SECOND, f"{SECOND}/prendre-la-main")
    await clerk.page(f"{QUEUE}/{chrono(4)}")
    fourth = f"{QUEUE}/{chrono(4)}"
    led = await clerk.send(fourth, f"{fourth}/confirmer", {"montre": chrono(2)})
    assert led.status_code == 303


async def test_who_insists_on_a_letter_that_was_just_sorted_is_told_so(
    pool: Pool, clerk: Browser, head: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, proposed(), proposed())
    await clerk.page(FIRST)
    await head.page(FIRST)
    await clerk.send(FIRST, f"{FIRST}/confirmer")
    await pool.execute("DELETE FROM desk.queue_claims")
    answer = await head.send("/bureau/file", f"{FIRST}/prendre-la-main", {"page": FIRST})
    assert answer.headers["location"] == f"{QUEUE}?apres={chrono(1)}"
    assert f"Le courrier {chrono(1)} vient d’être trié." in await head.page("/bureau/file")
    claims = "SELECT count(*) FROM desk.queue_claims q JOIN desk.items i USING (item_id)"
    assert await pool.fetchval(f"{claims} WHERE i.chrono = $1", chrono(1)) == 0


async def test_another_window_gets_another_letter_and_nobody_has_more_than_five(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, *[proposed() for _ in range(8)])
    for n in range(1, 7):
        await clerk.send("/bureau/file", f"{QUEUE}/{chrono(n)}/regarder", {"vue": str(uuid4())})
    held = await pool.fetch(
        "SELECT chrono FROM desk.queue_claims JOIN desk.items USING (item_id) ORDER BY chrono"
    )
    assert [row["chrono"] for row in held] == [chrono(n) for n in range(2, 7)]
    assert (await clerk.get(QUEUE)).headers["location"] == FIRST, "the oldest was given back"
    assert (await clerk.get(f"{QUEUE}?apres={chrono(1)}")).headers["location"].endswith(chrono(7))
