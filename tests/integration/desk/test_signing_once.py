"""A prepared letter leaves once, without files, and is signed here only where the site says so."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

from services.desk.decider import Decider
from services.desk.domain.decisions.classification import Assign
from services.desk.handlers.arrivals import hears_arrivals
from services.ops.blobs import inventory
from shared.content import plis
from shared.content.blob_files import FolderFiles
from shared.content.blobs import LocalBlobs
from shared.facts.envelope import ItemId
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.applied_rules import AppliedRules
from shared.site.staff import people_store
from shared.site.tables.identity import Parapheur
from tests.desk_builders import MONDAY, an_arrival, certain, digest
from tests.integration.desk.test_letters_pages import (
    ANSWER,
    CHRONO,
    a_prefecture,
    approved,
    facts,
    typed,
)
from tests.integration.desk.test_letters_pages import (
    field as field_of,
)
from tests.integration.desk.test_signing_circuit import (
    AGENT,
    HEAD,
    HERE,
    Circuit,
    circuit,
    ordered,
    words,
)
from tests.roles import one_transaction

__all__ = ("circuit",)


async def test_a_free_reply_is_read_and_signed_and_its_files_and_copies_leave_with_it(
    circuit: Circuit, postgres_url: str
) -> None:
    free = f"{HERE}/repondre/_libre"
    page = await circuit.site.page(free)
    body = field_of(page, "body").replace("{votre texte}", "Votre titre est prêt.")
    given = {**typed(page, body=body), "faire": "signer", "whom": HEAD}
    octets = b"%PDF-1.4\n%%EOF"
    pdf = {"fichiers": ("reçu.pdf", octets, "application/pdf")}
    cc = {"copies": "mairie@issoudun.example"}
    prepared = await circuit.site.send(free, free, {**given, **cc}, files=pdf)
    assert prepared.status_code == 303, words(prepared.text, ".refusal")
    letter = await circuit.pool.fetchval("SELECT letter FROM desk.circuit_letters")
    url = f"{HERE}/lettre/{letter}"
    await circuit.site.sign_in(HEAD)
    page = await circuit.site.page(url)
    assert field_of(page, "copies") == cc["copies"]
    assert "reçu.pdf" in words(page, "section[aria-labelledby=joints] a")
    assert (await circuit.site.get(f"{url}/piece/0")).content == octets
    assert (await circuit.site.get(f"{url}/piece/1")).status_code == 404
    for_paper = await circuit.acts(url, "papier")
    assert "Les copies partent avec un courriel" in words(for_paper.text, ".refusal")
    wrong = await circuit.acts(url, "courriel", copies="le maire")
    assert "n’est pas une adresse" in words(wrong.text, ".refusal")
    assert field_of(wrong.text, "copies") == "le maire"
    more = "mairie@issoudun.example, elue@cher.example"
    signed = await circuit.acts(url, "courriel", copies=more)
    assert "part par courriel" in await circuit.site.to(signed)
    order = await ordered(circuit.pool)
    assert len(order.copies) == 2
    assert order.pli is not None
    for key in (order.pli, *order.copies):
        (left,) = (await plis.read(LocalBlobs(circuit.folder), key)).enclosures
        assert (left.name, await LocalBlobs(circuit.folder).get(left.key)) == ("reçu.pdf", octets)
    async with one_transaction(postgres_url) as owner:
        later = MONDAY + timedelta(days=3_650)
        assert (await inventory.take(owner, FolderFiles(circuit.folder), later)).orphans == []
    assert "elue@cher.example" in words(await circuit.site.page(url), ".circuit ins")
    assert (order.template, order.by) == ("_libre@0", f"person:{HEAD}")


@pytest.mark.parametrize("same_form", [True, False])
async def test_a_letter_that_is_signed_twice_at_once_leaves_once(
    circuit: Circuit, *, same_form: bool
) -> None:
    url = await circuit.prepare(what="signer")
    await circuit.site.sign_in(HEAD)
    page = await circuit.site.page(url)
    first = f"{uuid4()}"
    second = first if same_form else f"{uuid4()}"
    answers = await asyncio.gather(
        circuit.acts(url, "courriel", page=page, decision=first),
        circuit.acts(url, "courriel", page=page, decision=second),
    )
    expected = [303, 303] if same_form else [303, 422]
    assert sorted(answer.status_code for answer in answers) == expected
    orders = [fact for fact in await facts(circuit.pool) if isinstance(fact, NoticeOrdered)]
    assert [order.kind for order in orders].count(NoticeKind.REPLY) == 1
    assert await circuit.state() == ("signed", AGENT, 2)


async def test_where_letters_are_signed_at_the_parapheur_none_is_signed_here(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    place = Parapheur(url="https://pastell.example", entity=1, circuit="Courrier")
    site = await approved(await a_prefecture(pool, postgres_url, tmp_path, place))
    circuit = Circuit(pool, tmp_path, site)
    url = await circuit.prepare(what="signer")
    await site.sign_in(HEAD)
    assert "Signer et envoyer" not in await site.page(url)
    for does in ("courriel", "papier"):
        refused = await circuit.acts(url, does)
        assert "se signent au parapheur" in words(refused.text, ".refusal")
    assert await circuit.state() == ("signing", HEAD, 1)
    given = await circuit.site.to(await circuit.acts(url, "parapheur"))
    assert "donnée au parapheur, à signer par Catherine Aubry" in given
    assert (await circuit.state())[0] == "signed"
    assert await pool.fetchval("SELECT count(*) FROM desk.parapheur_letters") == 1
    assert "son parcours ici est terminé" in await site.page(HERE), "nobody has signed it yet"
    assert "NoticeOrdered" not in (await circuit.types())[1:], "it leaves when it comes back"


async def test_what_was_typed_for_a_letter_that_has_gone_on_is_not_shown_as_the_letter(
    circuit: Circuit,
) -> None:
    url = await circuit.prepare()
    await circuit.site.sign_in(HEAD)
    early = await circuit.site.page(url)
    await circuit.site.sign_in(AGENT)
    await circuit.site.to(await circuit.site.send(url, url, {"faire": "reprendre"}))
    await circuit.site.sign_in(HEAD)
    mine = field_of(early, "body") + "\n\nUn mot de trop."
    late = await circuit.acts(url, "renvoyer", page=early, body=mine, reason="Voyez.")
    assert late.status_code == 422
    assert "Un mot de trop." not in words(late.text, ".paper")
    assert "Votre texte est resté dans le formulaire" not in late.text
    assert "trop" in words(late.text, "section[aria-labelledby=ecart]"), "and yet it is not lost"


async def test_no_second_letter_of_a_kind_leaves_while_one_is_prepared(circuit: Circuit) -> None:
    url = await circuit.prepare()
    page = await circuit.site.page(ANSWER)
    body = field_of(page, "body").replace("{précisions}\n\n", "Il est prêt.\n\n")
    for does in ("envoyer", "imprimer"):
        refused = await circuit.site.send(ANSWER, ANSWER, {**typed(page, body=body), "faire": does})
        assert "sinon deux partiraient" in words(refused.text, ".refusal")
    assert "NoticeOrdered" not in (await circuit.types())[1:]
    await circuit.site.to(await circuit.site.send(url, url, {"faire": "reprendre"}))
    sent = await circuit.site.send(ANSWER, ANSWER, {**typed(page, body=body), "faire": "envoyer"})
    assert "part par courriel" in await circuit.site.to(sent)


async def test_a_letter_is_given_to_nobody_who_may_not_read_its_item(circuit: Circuit) -> None:
    page = await circuit.site.page(ANSWER)
    body = field_of(page, "body").replace("{précisions}\n\n", "")
    for does in ("lire", "signer"):
        fields = {**typed(page, body=body), "faire": does, "whom": "d.charron"}
        refused = await circuit.site.send(ANSWER, ANSWER, fields)
        assert "hoisissez dans la liste" in words(refused.text, ".refusal, .wrong")
    assert await circuit.pool.fetchval("SELECT count(*) FROM desk.circuit_letters") == 0


async def test_whoever_prepared_a_letter_abandons_it_though_another_service_has_the_item(
    circuit: Circuit,
) -> None:
    url = await circuit.prepare()
    item = ItemId(await circuit.pool.fetchval("SELECT item_id FROM desk.items"))
    async with transaction(circuit.pool) as connection:
        people = await people_store.people_at(connection, MONDAY)
        head = people.person(HEAD)
        assert head is not None
        applied = await store.current(connection)
        by = Decider(connection, head, uuid4(), MONDAY, applied, people)
        await by.about(item, Assign("bre", None, ("bmi",)))
    said = (await circuit.types())[-1]
    abandoned = await circuit.acts(url, "reprendre")
    assert "elle ne partira pas" in await circuit.site.to(abandoned)
    assert (await circuit.state())[0] == "taken_back"
    assert (await circuit.types())[-1] == said, "the item stays where it is"


async def test_a_letter_that_can_not_be_read_now_goes_no_further(circuit: Circuit) -> None:
    url = await circuit.prepare()
    await circuit.site.sign_in(HEAD)
    page = await circuit.site.page(url)
    said = circuit.folder / await circuit.pool.fetchval("SELECT said FROM desk.circuit_steps")
    away = said.rename(said.with_suffix(".away"))
    assert BeautifulSoup(await circuit.site.page(url), "html.parser").select("#body") == []
    refused = await circuit.acts(url, "renvoyer", page=page, reason="Voyez.")
    assert "ne peut pas être lu pour l’instant" in words(refused.text, ".refusal")
    assert await circuit.state() == ("reading", HEAD, 1)
    away.rename(said)
    assert (await circuit.acts(url, "renvoyer", page=page, reason="Voyez.")).status_code == 303


async def test_an_ended_item_is_merged_whatever_letter_was_prepared(circuit: Circuit) -> None:
    await circuit.prepare()
    async with transaction(circuit.pool) as connection:
        second = an_arrival("b", routing=certain(), correspondent=digest("bob"))
        await hears_arrivals(AppliedRules())(connection, [second], MONDAY)
    survivor = await circuit.pool.fetchval(
        "SELECT chrono FROM desk.items WHERE chrono <> $1", CHRONO
    )
    merged = {"into": survivor}
    refused = await circuit.site.send(HERE, f"{HERE}/fusionner", merged)
    assert "reprenez-la d’abord" in words(refused.text, ".refusal")
    closed = {"outcome": "other", "reason": "sans suite"}
    await circuit.site.to(await circuit.site.send(HERE, f"{HERE}/classer", closed))
    await circuit.site.to(await circuit.site.send(HERE, f"{HERE}/fusionner", merged))
    assert "ItemMergedInto" in await circuit.types()
