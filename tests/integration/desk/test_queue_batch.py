"""Letters of the queue that are alike, decided by one act: shown before, each by itself, undone."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from services.desk.pages.office import queue_batch
from shared.content.blobs import LocalBlobs
from shared.facts.arrivals import Arrived
from shared.facts.vocabulary import Confidentiality
from shared.platform.database import Pool
from tests.desk_browser import Browser
from tests.desk_builders import MONDAY, proposed
from tests.integration.desk.findings import a_mail, read, registered, wrote
from tests.integration.desk.offices import QUEUE, a_clerk, chrono, state

pytestmark = pytest.mark.usefixtures("live_site")

BATCH = "/bureau/file/lot"
STAY = "Il y en a d’autres : un geste en décide 2 au plus. Recommencez ensuite"


@pytest.fixture
async def clerk(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    return await a_clerk(pool, postgres_url, tmp_path)


async def came(pool: Pool, folder: Path, *routings: Any, who: str = "") -> None:
    """Mails with these proposals, a minute apart; of one sender, or each of their own."""
    blobs, mails = LocalBlobs(folder), list[Arrived]()
    for n, routing in enumerate(routings):
        pli = wrote(who or f"Ana {n}", f"Objet {n}", "Bonjour.")
        at = MONDAY + timedelta(minutes=n)
        mails.append(await a_mail(blobs, f"m{n}", pli, at=at, routing=routing))
    await registered(pool, *mails)
    await read(pool, folder)


def of(*numbers: int, **more: str) -> str:
    asked = [f"courrier={chrono(n)}" for n in numbers]
    return f"{BATCH}?" + "&".join([*asked, *(f"{name}={value}" for name, value in more.items())])


def shown(page: str) -> tuple[dict[str, str], dict[str, str]]:
    """What will happen, or happened, to each letter; and which are left out, and why."""
    found = BeautifulSoup(page, "html.parser")
    done = {
        row.select("th")[0].get_text(strip=True): " ".join(
            row.select("td:not(.what)")[0].get_text(" ").split()
        ).removeprefix("Sera : ")
        for row in found.select("table tbody tr")
    }
    out = [
        " ".join(line.get_text(" ").split()).partition(" : ")
        for line in found.select("section[aria-labelledby=a-part] li")
    ]
    return done, {number.strip(): why for number, _, why in out}


async def decided(clerk: Browser, page: str) -> str:
    """The form of the preview, sent as it stands."""
    form = BeautifulSoup(await clerk.page(page), "html.parser").find(
        "form", action=f"{BATCH}/decider"
    )
    assert form is not None
    fields = {
        name: [str(tag["value"]) for tag in form.select(f"[name={name}]")]
        for name in ("vu", "choix")
    }
    answer = await clerk.send(page, f"{BATCH}/decider", fields)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_each_is_decided_as_shown_by_itself_and_taken_back_by_itself_or_all(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    await came(pool, tmp_path, proposed(), proposed(), proposed())
    page = of(1, 2, 3, qui="citizen")
    expected = "Bureau bmi, titre de sejour ; particulier"
    assert shown(await clerk.page(page)) == ({chrono(n): expected for n in (1, 2, 3)}, {})
    assert (await state(pool, 1))[0] == "to_qualify", "looking decides nothing"
    done, out = shown(await decided(clerk, page))
    assert (done, out) == ({chrono(n): expected for n in (1, 2, 3)}, {})
    ended = await pool.fetch("SELECT DISTINCT item_id FROM desk.facts WHERE type = 'WaitEnded'")
    assert len(ended) == 3, "a fact of each"
    await clerk.send(f"{QUEUE}?dernier={chrono(2)}", f"{QUEUE}/{chrono(2)}/annuler")
    assert [(await state(pool, n))[0] for n in (1, 2, 3)] == ["open", "to_qualify", "open"]
    numbers = {"courrier": [chrono(1), chrono(2), chrono(3)]}
    back = await clerk.to(await clerk.send("/bureau/file", f"{BATCH}/reprendre", numbers))
    assert "2 courriers à trier de nouveau. 1 ne se reprend plus" in back
    assert [(await state(pool, n))[0] for n in (1, 2, 3)] == ["to_qualify"] * 3


async def test_what_a_person_must_read_alone_is_left_out_and_said(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    sealed = proposed(confidentiality=Confidentiality.RESERVE)
    await came(
        pool,
        tmp_path,
        proposed(),
        proposed(danger=True),
        sealed,
        proposed(hold="tiers"),
        proposed(),
        proposed(),
    )
    head = await Browser(clerk.pages).sign_in("c.head")
    await head.page(f"{QUEUE}/{chrono(6)}")
    done, out = shown(await clerk.page(of(1, 2, 3, 4, 5, 6)))
    assert list(done) == [chrono(1), chrono(5)]
    assert out == {
        chrono(2): "Des mots de danger : il se lit et se décide seul.",
        chrono(3): "Réservé : il se lit et se décide seul.",
        chrono(4): "Ses envois sont retenus pour une autre raison que ceux des autres.",
        chrono(6): "Un collègue le regarde.",
    }
    # Alone they are no batch either.
    assert shown(await clerk.page(of(2)))[0] == {}


async def test_what_changed_between_look_and_act_is_left_out(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    await came(pool, tmp_path, proposed(), proposed(), proposed())
    page = of(1, 2, 3)
    text = await clerk.page(page)
    form = BeautifulSoup(text, "html.parser")
    seen = [str(tag["value"]) for tag in form.select("[name=vu]")]
    offers = [str(tag["value"]) for tag in form.select("form[method=post] [name=offre]")]
    head = await Browser(clerk.pages).sign_in("c.head")
    await head.send(f"{QUEUE}/{chrono(1)}", f"{QUEUE}/{chrono(1)}/confirmer")
    await pool.execute("DELETE FROM desk.queue_claims")  # they left the second, their next one
    item = f"/courrier/{chrono(2)}"
    said = {"nature": "complaint", "category": "titre-de-sejour"}
    await head.send(f"{item}/reclasser", f"{item}/reclasser", said)
    fields: dict[str, Any] = {"vu": seen, "choix": "|||", "offre": offers}
    answer = await clerk.send("/bureau/file", f"{BATCH}/decider", fields)
    done, out = shown(answer.text)
    assert list(done) == [chrono(3)]
    assert out == {
        chrono(1): "Il n’est plus à qualifier.",
        chrono(2): "Il a changé depuis que la page l’a montré.",
    }
    forged = {"vu": [f"{chrono(2)}:9:citizen"], "choix": "|||", "offre": offers}
    assert (await clerk.send("/bureau/file", f"{BATCH}/decider", forged)).status_code == 422


async def test_a_ticked_letter_that_somebody_sorted_meanwhile_is_said_by_its_number(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    await came(pool, tmp_path, proposed(), proposed(), proposed())
    head = await Browser(clerk.pages).sign_in("c.head")
    await head.send(f"{QUEUE}/{chrono(2)}", f"{QUEUE}/{chrono(2)}/confirmer")
    await pool.execute("DELETE FROM desk.queue_claims")
    done, out = shown(await clerk.page(of(1, 2, 3)))
    assert list(done) == [chrono(1), chrono(3)]
    assert out == {chrono(2): "Il n’est plus à qualifier."}


async def test_a_rule_with_more_letters_than_one_act_takes_says_that_some_stay(
    pool: Pool, clerk: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_batch, "MOST", 2)
    await came(pool, tmp_path, proposed(), proposed(), proposed())
    page = await clerk.page(f"{BATCH}?regle=words&tous=oui")
    assert list(shown(page)[0]) == [chrono(1), chrono(2)]
    assert STAY in " ".join(BeautifulSoup(page, "html.parser").get_text(" ").split())


async def test_what_is_joined_to_a_letter_is_read_with_it_and_its_danger_never_goes_along(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    await came(pool, tmp_path, proposed(), proposed(danger=True), proposed())
    joined = f"{QUEUE}/{chrono(2)}"
    await clerk.send(joined, f"{joined}/joindre", {"into": "1"})
    assert [(await state(pool, n))[0] for n in (1, 2)] == ["to_qualify", "merged"]
    done, out = shown(await clerk.page(of(1, 3)))
    assert list(done) == [chrono(3)]
    assert out == {chrono(1): "D’autres courriers y sont joints : il se lit et se décide seul."}


async def test_only_what_is_alike_goes_together_and_a_rule_takes_all_of_its_own(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    other = proposed("association").model_copy(update={"rule": "guichet"})
    await came(pool, tmp_path, proposed(), other, proposed())
    assert "Ces courriers n’ont ni le même expéditeur, ni la même règle" in await clerk.page(
        of(1, 2)
    )
    every = f"{BATCH}?regle=words&tous=oui&motif=reason:sans-suite"
    assert list(shown(await clerk.page(every))[0]) == [chrono(1), chrono(3)]
    await decided(clerk, every)
    assert [(await state(pool, n))[0] for n in (1, 2, 3)] == ["closed", "to_qualify", "closed"]


async def test_one_senders_letters_go_together_though_rules_differ_and_may_be_moved(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    other = proposed("association").model_copy(update={"rule": "guichet"})
    await came(pool, tmp_path, proposed(), other, who="Ana")
    await decided(clerk, of(1, 2, categorie="association", vers="dre"))
    assert [await state(pool, n) for n in (1, 2)] == [("open", "dre", "association")] * 2
