"""The proof of an item: a page that tells its count, a program that makes it again, four words."""

import asyncio
import json
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from services.desk.evidence import service
from services.desk.evidence.proof import archive, documents
from services.desk.store import fact_history
from shared.facts.envelope import Chrono
from shared.platform.database import transaction
from tests.integration.desk.proven import LATE, OTHER, TONIGHT, Proven


async def unpacked(month: Proven, chrono: str, to: Path) -> Path:
    async with transaction(month.desk) as connection:
        item_id = await month.item(chrono)
        known = await archive.gather(connection, Chrono(chrono), item_id, TONIGHT)
    made = archive.zip_proof(await archive.with_documents(known, month.blobs))
    with zipfile.ZipFile(BytesIO(made)) as packed:
        packed.extractall(to)
    return to


async def verified(folder: Path, *words: str) -> tuple[int, str]:
    command = [sys.executable, "-I", str(folder / "verifier.py"), *words]
    said = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True)
    assert said.stderr == ""
    return said.returncode, said.stdout


async def test_the_proof_tells_the_count_and_its_program_counts_it_again(
    month: Proven, tmp_path: Path
) -> None:
    folder = await unpacked(month, LATE, tmp_path / "late")
    assert await verified(folder) == (0, "Rien ne diffère.\n")

    told = (folder / "FICHE.html").read_text("utf-8")
    for words in (
        "Fiche de preuve de 36-2026-A-000003",
        "Réponse : Non tenu, en 17 jours ouvrés",
        "Jour 0 : lundi 4 mai 2026. La limite est la fin du 15e jour ouvré",
        "Ascension",
        "Réponse partie (",
        "Original du courrier",
        "conforme",
        "<code>250 2.0.0 4XyZ00001</code>",
    ):
        assert words in told, words
    assert "Ana" not in told
    assert "ana@example.org" not in told

    counted = json.loads((folder / "calcul.json").read_text("utf-8"))
    (reply,) = [clock for clock in counted["delais"] if clock["delai"] == "reply"]
    assert (reply["jour_0"], reply["jours"], reply["limite"]) == ("2026-05-04", 15, "2026-05-28")
    assert (reply["termine_le"], reply["resultat"], reply["brut"]) == ("2026-06-01", "late", 17)
    assert [day["jour"] for day in reply["non_ouvres"]] == [
        "2026-05-08",
        "2026-05-14",
        "2026-05-25",
    ]
    assert reply["rappels"] != []

    (sent,) = counted["envois"]
    assert (sent["fait"], sent["quoi"]) == (2, "réponse")
    for name, forged, said in (
        ("parti_le", "2026-05-28T09:00:00+00:00", "le fait 2 n'est pas de ce moment"),
        (
            "reponse_du_serveur",
            None,
            "le serveur a répondu « 250 2.0.0 4XyZ00001 », et non « rien »",
        ),
    ):
        other = {**counted, "envois": [{**sent, name: forged}]}
        (folder / "calcul.json").write_text(json.dumps(other), "utf-8")
        code, found = await verified(folder)
        assert code == 1
        assert f"envoi (réponse) : {said}" in found

    for name, forged, said in (  # type: ignore[assignment]  # one name for both
        ("resultat", "kept", "terminé le 2026-06-01 pour le 2026-05-28, ce n'est pas « kept »"),
        ("limite", "2026-06-02", "15 jours ouvrés donnent le 2026-05-28, et non le 2026-06-02"),
        ("brut", 15, "17 jours ouvrés, et non 15"),
        ("jour_0", "2026-05-11", "le jour 0, 2026-05-11, n'est pas celui de la réception"),
        ("termine_le", "2026-05-28", "le fait 2 n'est pas du 2026-05-28"),
    ):
        other = {**counted, "delais": [{**reply, name: forged}]}
        (folder / "calcul.json").write_text(json.dumps(other), "utf-8")
        code, found = await verified(folder)
        assert code == 1
        assert f"Réponse : {said}" in found


async def test_the_program_says_yes_or_no_to_a_root_given_on_its_line(
    month: Proven, tmp_path: Path
) -> None:
    folder = await unpacked(month, LATE, tmp_path / "late")
    root = await month.desk.fetchval("SELECT root FROM desk.roots ORDER BY night LIMIT 1")
    for given in (root, root.upper(), root[:16], f"{root[:4]} {root[4:8]} {root[8:16]}"):
        assert await verified(folder, "--root", given) == (0, "Racine : oui.\nRien ne diffère.\n")
    for given in ("0" * 64, root[:8], ""):
        code, said = await verified(folder, "--root", given)
        assert (code, said.startswith("Racine : non.\n")) == (1, True)


@pytest.mark.parametrize("word", ["altéré", "manquant sans décision"])
async def test_what_no_decision_explains_makes_verification_and_proof_fail(
    month: Proven, tmp_path: Path, word: str
) -> None:
    original = month.blob("letter 5")
    if word == "altéré":
        original.write_bytes(b"somebody else's words")
    else:
        original.unlink()
    async with transaction(month.desk) as connection:
        item_id = await month.item(OTHER)
        facts = (await fact_history.of_items(connection, [item_id]))[item_id]
        named = await documents.named_documents(connection, item_id, facts)
        chain = await service.of_item(connection, item_id)
    verdict = service.with_documents(chain, await documents.read(month.blobs, named))
    assert verdict.differences == [f"document {original.name}: {word}"]
    folder = await unpacked(month, OTHER, tmp_path / "other")
    code, said = await verified(folder)
    assert code == 1
    assert f"document {original.name} (Original du courrier) : {word}" in said
    assert "Cette preuve ne tient pas : 1 document" in (folder / "FICHE.html").read_text("utf-8")
