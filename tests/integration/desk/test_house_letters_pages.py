"""Free replies, the site's own letters and files that leave, on the pages (ADR 0190, 0191)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

from services.desk import item_documents
from services.desk.french.names import Names
from services.desk.pages.letters import letter_files
from services.desk.store import notices
from services.desk.store.notices import Notice
from services.ops.blobs import inventory
from shared.content import plis
from shared.content.blob_files import FolderFiles
from shared.content.blobs import LocalBlobs
from shared.errors import Refused
from shared.facts import ids
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.staff import people_store
from tests.desk_browser import Browser
from tests.desk_builders import MONDAY
from tests.integration.desk.test_letters_pages import CHRONO, browser, facts, field
from tests.roles import one_transaction

__all__ = ("browser",)


async def _strays(url: str, folder: Path) -> Sequence[str]:
    """Files that `vaguemestre blobs check` would remove once they are old: no row names them."""
    async with one_transaction(url) as owner:
        return (
            await inventory.take(owner, FolderFiles(folder), datetime(2100, 1, 1, tzinfo=UTC))
        ).orphans


def plain(text: str) -> str:
    """The words of a page, parted by one blank."""
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


async def test_a_free_reply_is_written_read_and_sent_or_printed_by_the_mail_office(
    browser: Browser, pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await browser.sign_in("k.haddad")
    url = f"/courrier/{CHRONO}/repondre/_libre"
    assert url in await browser.page(f"/courrier/{CHRONO}/repondre")
    page = await browser.page(url)
    (check,) = BeautifulSoup(page, "html.parser").select(".check")
    assert "{votre texte}" in check.get_text()
    kept = {name: field(page, name) for name in ("rempli", "subject", "body")}
    empty = await browser.send(url, url, {**kept, "faire": "envoyer"})
    assert (empty.status_code, "n’est pas complète" in empty.text) == (422, True)
    mine = kept | {"body": kept["body"].replace("{votre texte}", "Venez lundi.")}
    seen = await browser.send(url, url, {**mine, "faire": "apercu"})
    assert seen.content.startswith(b"%PDF")
    assert seen.headers["content-disposition"].startswith("inline")
    assert await pool.fetchval("SELECT count(*) FROM desk.letter_uses") == 0
    sent = await browser.send(url, url, {**mine, "faire": "imprimer"})
    assert "confiée au bureau du courrier" in await browser.to(sent)
    (order,) = [fact for fact in await facts(pool) if fact.type == "NoticeOrdered"]
    assert (order.template, order.way) == ("_libre@0", Way.PAPER)
    assert order.pli is not None
    pli = await plis.read(LocalBlobs(tmp_path), order.pli)
    assert "Venez lundi." in pli.text
    assert (pli.kind, await _strays(postgres_url, tmp_path)) == ("bundle", [])
    assert pli.printed is not None
    assert pli.printed.rpartition("/")[0] == order.pli.rpartition("/")[0]
    assert (await LocalBlobs(tmp_path).get(pli.printed)).startswith(b"%PDF")
    past = await browser.page(f"/courrier/{CHRONO}")
    assert "réponse, réponse libre" in past


async def _antivirus_away(*_: object) -> None:
    raise Refused("clamd does not answer.", "letter-file-unlooked", name="Plan d’accès.pdf")


async def test_files_leave_with_a_reply_and_are_seen_on_the_item(
    browser: Browser,
    pool: Pool,
    postgres_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await browser.sign_in("k.haddad")
    url = f"/courrier/{CHRONO}/repondre/_libre"
    page = await browser.page(url)
    kept = {name: field(page, name) for name in ("rempli", "subject", "body")}
    mine = kept | {"body": kept["body"].replace("{votre texte}", "Voici le plan.")}
    wrong = {"fichiers": ("virus.exe", b"MZ", "application/pdf")}
    refused = await browser.send(url, url, {**mine, "faire": "envoyer"}, wrong)
    assert (refused.status_code, "virus.exe" in refused.text) == (422, True)
    assert "Voici le plan." in field(refused.text, "body")
    plan = {"fichiers": ("Plan d’accès.PDF", b"%PDF-1.7 plan", "text/html")}
    with monkeypatch.context() as away:
        away.setattr(letter_files, "scan_files", _antivirus_away)
        seen = await browser.send(url, url, {**mine, "faire": "apercu"}, plan)
        assert seen.content.startswith(b"%PDF"), "to look at a letter no antivirus is needed"
        stays = await browser.send(url, url, {**mine, "faire": "envoyer"}, plan)
        assert "n’a pas pu être examiné" in plain(stays.text)
    one = f"{uuid4()}"
    sent = await browser.send(url, url, {**mine, "faire": "envoyer"}, plan, decision=one)
    past = await browser.to(sent)
    (order,) = [fact for fact in await facts(pool) if fact.type == "NoticeOrdered"]
    again = await browser.send(url, url, {**mine, "faire": "envoyer"}, plan, decision=one)
    assert again.headers["location"] == sent.headers["location"]
    assert [fact.type for fact in await facts(pool)].count("NoticeOrdered") == 1
    assert order.pli is not None
    pli = await plis.read(LocalBlobs(tmp_path), order.pli)
    # A kind that the version before refuses to read, and so holds the letter for a person.
    assert pli.kind == "bundle"
    (left,) = pli.enclosures
    assert (left.name, left.media_type, left.size) == ("Plan d’accès.pdf", "application/pdf", 13)
    # With the letter in one folder, which is destroyed with it, and no stray file.
    assert left.key.rpartition("/")[0] == order.pli.rpartition("/")[0]
    assert await _strays(postgres_url, tmp_path) == []
    async with transaction(pool) as connection:
        applied, people = (
            await store.current(connection),
            await people_store.people_at(connection, MONDAY),
        )
        filed = await item_documents.gather(connection, order.item_id, Names(applied.site, people))
    titles = {document.key: document.title for document in filed.documents}
    assert titles[left.key] == "Pièce jointe à un envoi, ou l’envoi composé"
    assert "Pièce jointe\N{NO-BREAK SPACE}: Plan d’accès.pdf" in item_documents.plain(pli)
    address = f"/courrier/{CHRONO}/envoye/{order.seq}/0"
    assert address in past
    taken = await browser.get(address)
    assert taken.content == b"%PDF-1.7 plan"
    assert taken.headers["content-type"] == "application/octet-stream"
    assert (await browser.get(f"/courrier/{CHRONO}/envoye/{order.seq}/1")).status_code == 404
    await browser.sign_in("b.leroux")
    assert (await browser.get(address)).status_code == 404


async def test_copies_leave_with_a_mail_to_the_sender_and_are_seen_on_the_item(
    browser: Browser, pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await browser.sign_in("k.haddad")
    url = f"/courrier/{CHRONO}/repondre/_libre"
    page = await browser.page(url)
    kept = {name: field(page, name) for name in ("rempli", "subject", "body")}
    mine = kept | {"body": kept["body"].replace("{votre texte}", "Venez lundi.")}
    for wrong, said in (
        ("mairie@issoudun.example, le maire", "« le maire » n’est pas une adresse"),
        ("pref-bmi@indre.example", "est une boîte suivie par ce registre"),
        (",".join(f"a{n}@x.example" for n in range(11)), "10 copies au plus"),
    ):
        for does in ("verifier", "envoyer", "signer"):
            refused = await browser.send(url, url, {**mine, "copies": wrong, "faire": does})
            assert refused.status_code == 422
            assert said in plain(refused.text)
            assert field(refused.text, "copies") == wrong
    cc = {"copies": "Mairie <mairie@issoudun.example>; elue@cher.example"}
    for does in ("imprimer", "pdf"):
        refused = await browser.send(url, url, {**mine, **cc, "faire": does})
        assert "Les copies partent avec un courriel" in refused.text
    checked = await browser.send(url, url, {**mine, **cc, "faire": "verifier"})
    assert field(checked.text, "copies") == cc["copies"]
    seen = await browser.send(url, url, {**mine, **cc, "faire": "apercu"})
    assert seen.content.startswith(b"%PDF")
    sent = await browser.send(url, url, {**mine, **cc, "faire": "envoyer"})
    assert "Ses copies suivent." in await browser.to(sent)
    (order,) = [fact for fact in await facts(pool) if fact.type == "NoticeOrdered"]
    assert order.pli is not None
    both = ("mairie@issoudun.example", "elue@cher.example")
    letter = await plis.read(LocalBlobs(tmp_path), order.pli)
    assert (letter.kind, letter.copies, letter.to) == ("bundle", both, ())
    copies = [await plis.read(LocalBlobs(tmp_path), key) for key in order.copies]
    assert [copy.answer_to.address for copy in copies] == list(both)
    assert {(copy.copies, len(copy.to), copy.text) for copy in copies} == {(both, 1, letter.text)}
    # Destroyed with the letter, and no stray file.
    assert {key.rpartition("/")[0] for key in order.copies} == {order.pli.rpartition("/")[0]}
    assert await _strays(postgres_url, tmp_path) == []
    back = Notice(
        ids.copy_notice_id("indre", order.event_id, 2),
        order.item_id,
        NoticeKind.COPY,
        Way.MAIL,
        "bounced",
        "5.1.1",
        MONDAY,
        None,
    )
    async with transaction(pool) as connection:
        await notices.save(connection, [back])
    past = BeautifulSoup(await browser.page(f"/courrier/{CHRONO}"), "html.parser")
    told = [plain(tag.get_text()) for tag in past.select("article li") if "@" in tag.get_text()]
    assert told == [
        "mairie@issoudun.example, partira une fois la lettre partie",
        "elue@cher.example, revenue le 11/05/2026 à 10 h 00, non remise",
    ]
    assert "avec 2 copies" in past.get_text()
    assert next(plain(tag.get_text()) for tag in past.select("#copies ~ p")) == (
        "La copie destinée à elue@cher.example n’a pas été remise : elle est revenue le 11/05/2026"
        " à 10 h 00."
    )


async def test_what_asks_for_pieces_is_the_sites_letter_read_before_it_leaves(
    browser: Browser, pool: Pool
) -> None:
    await browser.sign_in("k.haddad")
    url = f"/courrier/{CHRONO}/repondre/_pieces"
    assert url in await browser.page(f"/courrier/{CHRONO}")
    page = await browser.page(url)
    said = {name: field(page, name) for name in ("rempli", "subject", "body")}
    said |= {"pièces": "passeport", "date_limite": "2026-06-05"}
    read = await browser.send(url, url, {**said, "faire": "verifier"})
    assert "avant la fin de la journée du 5 juin 2026" in field(read.text, "body")
    filled = {name: field(read.text, name) for name in ("rempli", "subject", "body")}
    sent = await browser.send(url, url, {**said, **filled, "faire": "envoyer"})
    assert "Les pièces seront attendues" in await browser.to(sent)
    (order,) = [fact for fact in await facts(pool) if fact.type == "NoticeOrdered"]
    assert (order.kind, order.pieces) == (NoticeKind.PIECES, ("passeport",))
    assert (order.template, f"{order.until}") == ("_pieces@0", "2026-06-05")
    noted = BeautifulSoup(await browser.page(f"/courrier/{CHRONO}/pieces"), "html.parser")
    assert [tag["value"] for tag in noted.select("input[name=way]")] == ["deja"]
