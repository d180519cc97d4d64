"""Vérifie la preuve d'un courrier : python3 verifier.py, dans le dossier décompressé."""

import csv
import hashlib
import json
import re
import sys
from pathlib import Path

ICI = Path(__file__).resolve().parent
DOCUMENT = re.compile(r'"\d{4}/[0-9a-f-]{36}/([0-9a-f]{64})"')


def empreinte(*lignes: str, fin: str = "") -> str:
    """L'empreinte SHA-256 de lignes jointes par un saut de ligne."""
    return hashlib.sha256(("\n".join(lignes) + fin).encode()).hexdigest()


def table(nom: str) -> list[dict[str, str]]:
    """Les lignes d'un tableau du dossier."""
    with (ICI / nom).open(encoding="utf-8", newline="") as fichier:
        return list(csv.DictReader(fichier))


def ecarts() -> list[str]:
    """Ce qui diffère, une phrase chacun."""
    trouves, maillons, avant = [], {}, "0" * 64
    for rang, ligne in enumerate((ICI / "faits.jsonl").read_text("utf-8").splitlines(), start=1):
        fait = json.loads(ligne)
        texte = fait["payload"]
        documents = sorted(DOCUMENT.findall(texte))
        avant = empreinte(avant, empreinte(texte), fait["by"], fait["recorded_at"], *documents)
        maillons[str(rang)] = avant
        if fait["seq"] != rang or fait["link"] != avant:
            trouves.append(f"fait {rang} : ce n'est pas celui qui a été écrit")
            break
    avant, racines = "0" * 64, table("racines.csv")
    for nuit in racines:
        avant = empreinte(avant, nuit["jour"], nuit["liste"], fin="\n")
        if avant != nuit["racine"]:
            trouves.append(f"racine du {nuit['jour']} : elle ne suit pas de la précédente")
            break
    scelles = table("scellements.csv")
    trouves.extend(
        f"nuit {un['nuit']} : le fait {un['fait']} n'est pas celui qui a été scellé"
        for un in scelles
        if maillons.get(un["fait"]) != un["maillon"]
    )
    if scelles:
        dernier = scelles[-1]
        liste = table(f"liste-nuit-{dernier['nuit']}.csv")
        lignes = sorted(f"{u['courrier']} {u['fait']} {u['maillon']}" for u in liste)
        racine = next(r for r in racines if r["nuit"] == dernier["nuit"])
        if empreinte(*lignes, fin="\n") != racine["liste"]:
            trouves.append(f"nuit {dernier['nuit']} : la liste n'est pas celle qui a été scellée")
        if f"{dernier['courrier']} {dernier['fait']} {dernier['maillon']}" not in lignes:
            trouves.append(f"nuit {dernier['nuit']} : ce courrier n'est pas dans la liste")
    return trouves


if __name__ == "__main__":
    resultat = ecarts()
    fin = "La preuve ne tient pas." if resultat else "Rien ne diffère."
    sys.stdout.write("\n".join([*resultat, fin]) + "\n")
    sys.exit(1 if resultat else 0)
