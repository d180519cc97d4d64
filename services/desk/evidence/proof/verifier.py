"""Vérifie la preuve d'un courrier : python3 verifier.py [--root RACINE], dans ce dossier."""

import csv
import hashlib
import json
import re
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ICI = Path(__file__).resolve().parent
SAMEDI, ASSEZ = 6, 16
DOCUMENT = re.compile(r'"\d{4}/[0-9a-f-]{36}/([0-9a-f]{64})"')


def empreinte(*lignes: str, fin: str = "") -> str:
    """Calcule l'empreinte SHA-256 de lignes jointes par un saut de ligne."""
    return hashlib.sha256(("\n".join(lignes) + fin).encode()).hexdigest()


def table(nom: str) -> list[dict[str, str]]:
    """Lit les lignes d'un tableau CSV du dossier."""
    with (ICI / nom).open(encoding="utf-8", newline="") as fichier:
        return list(csv.DictReader(fichier))


def ecarts() -> list[str]:
    """Vérifie la chaîne des faits et les racines ; renvoie ce qui diffère, une phrase chacun."""
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
        f"racine {un['nuit']} : le fait {un['fait']} n'est pas celui qui a été scellé"
        for un in scelles
        if maillons.get(un["fait"]) != un["maillon"]
    )
    if scelles:
        dernier = scelles[-1]
        liste = table(f"liste-nuit-{dernier['nuit']}.csv")
        lignes = sorted(f"{u['courrier']} {u['fait']} {u['maillon']}" for u in liste)
        racine = next(r for r in racines if r["nuit"] == dernier["nuit"])
        if empreinte(*lignes, fin="\n") != racine["liste"]:
            trouves.append(f"racine {dernier['nuit']} : la liste n'est pas celle qui a été scellée")
        if f"{dernier['courrier']} {dernier['fait']} {dernier['maillon']}" not in lignes:
            trouves.append(f"racine {dernier['nuit']} : ce courrier n'est pas dans la liste")
    return trouves


def jour(texte: str) -> date:
    """Lit un jour écrit AAAA-MM-JJ."""
    return date.fromisoformat(texte)


def local(moment: str, fuseau: str) -> date:
    """Donne le jour d'un moment, à l'heure de la préfecture."""
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(fuseau)).date()


def reception(faits: list[dict[str, Any]], fuseau: str) -> date:
    """Donne le jour d'arrivée du courrier, d'après les faits que rien n'annule."""
    annules = {un["fact"] for un in faits if un["type"] == "FactWithdrawn"}
    dernier = [
        un["receipt"]
        for un in faits
        if un["type"] == "ItemRegistered"
        or (un["type"] == "ReceiptCorrected" and un["event_id"] not in annules)
    ][-1]
    return jour(dernier["day"]) if dernier["kind"] == "on" else local(dernier["instant"], fuseau)


def ouvre(un: date, off: set[str]) -> bool:
    """Dit si un jour est ouvré : ni samedi, ni dimanche, ni retiré par le calendrier."""
    return un.isoweekday() < SAMEDI and un.isoformat() not in off


def compte(depuis: date, jusque: date, off: set[str]) -> int:
    """Compte les jours ouvrés après `depuis`, jusqu'à `jusque` compris."""
    nombre = (jusque - depuis).days
    return sum(ouvre(depuis + timedelta(days=n), off) for n in range(1, nombre + 1))


def limite(zero: date, jours: int, off: set[str]) -> date:
    """Donne le jour ouvré de ce rang après le jour 0 ; pour 0, le premier à partir du jour 0."""
    fin = zero
    while compte(zero, fin, off) < jours or not ouvre(fin, off):
        fin += timedelta(days=1)
    return fin


def debut(un: dict[str, Any], faits: list[dict[str, Any]], fuseau: str) -> list[str]:
    """Recompte le jour 0 et la limite d'un délai, sauf après une fusion ; renvoie les écarts."""
    zero, dite = jour(un["jour_0"]), jour(un["limite"])
    if any(fait["type"] == "ItemAbsorbed" for fait in faits):
        return []
    trouves = []
    calculee = limite(zero, un["jours"], {autre["jour"] for autre in un["non_ouvres"]})
    if calculee != dite:
        trouves.append(f"{un['jours']} jours ouvrés donnent le {calculee}, et non le {dite}")
    if un["delai"] == "reply" and reception(faits, fuseau) != zero:
        trouves.append(f"le jour 0, {zero}, n'est pas celui de la réception")
    return trouves


def fin(un: dict[str, Any], faits: list[dict[str, Any]], fuseau: str) -> list[str]:
    """Recompte le résultat et la durée d'un délai terminé ; renvoie les écarts."""
    zero, dite, le = jour(un["jour_0"]), jour(un["limite"]), jour(un["termine_le"])
    off = {autre["jour"] for autre in un["non_ouvres"]}
    trouves = []
    if un["resultat"] != ("kept" if le <= dite else "late"):
        trouves.append(f"terminé le {le} pour le {dite}, ce n'est pas « {un['resultat']} »")
    brut = compte(zero, le if le <= zero else limite(le, 0, off), off)
    if un["brut"] != brut:
        trouves.append(f"{brut} jours ouvrés, et non {un['brut']}")
    if un["fait_de_fin"] is None:
        trouves.append("aucun fait ne le termine")
    elif local(faits[un["fait_de_fin"] - 1]["happened_at"], fuseau) != le:
        trouves.append(f"le fait {un['fait_de_fin']} n'est pas du {le}")
    return trouves


def calculs(faits: list[dict[str, Any]]) -> list[str]:
    """Recompte chaque délai en jours ouvrés ; renvoie les écarts, une phrase chacun."""
    calcul = json.loads((ICI / "calcul.json").read_text("utf-8"))
    trouves = []
    for un in calcul["delais"]:
        if un["jour_0"] is None or un["unite"] != "jours_ouvres" or un["jours"] is None:
            continue
        ecart = debut(un, faits, calcul["fuseau"])
        if un["resultat"] in ("kept", "late"):
            ecart += fin(un, faits, calcul["fuseau"])
        trouves += [f"{un['nom']} : {phrase}" for phrase in ecart]
    return trouves


def envois(faits: list[dict[str, Any]]) -> list[str]:
    """Compare chaque envoi au fait qui le dit, réponse du serveur de messagerie comprise."""
    trouves = []
    for un in json.loads((ICI / "calcul.json").read_text("utf-8")).get("envois", []):
        fait = faits[un["fait"] - 1]
        if datetime.fromisoformat(fait["happened_at"]) != datetime.fromisoformat(un["parti_le"]):
            trouves.append(f"envoi ({un['quoi']}) : le fait {un['fait']} n'est pas de ce moment")
        if fait.get("answer") != un["reponse_du_serveur"]:
            trouves.append(
                f"envoi ({un['quoi']}) : le serveur a répondu « {fait.get('answer') or 'rien'} »,"
                f" et non « {un['reponse_du_serveur'] or 'rien'} »"
            )
    return trouves


def documents() -> list[str]:
    """Renvoie les documents altérés ou manquants qu'aucune décision n'explique."""
    return [
        f"document {un['sha256']} ({un['quoi']}) : {un['etat']}"
        for un in table("documents.csv")
        if un["etat"].startswith(("altéré", "manquant", "chiffré"))
    ]


def racine(donnee: str) -> list[str]:
    """Cherche la racine que vous avez, entière ou ses seize premiers signes, dans le dossier."""
    voulue = "".join(donnee.split()).lower()
    if len(voulue) < ASSEZ:
        return ["donnez au moins seize signes de la racine"]
    if any(un["racine"].startswith(voulue) for un in table("racines.csv")):
        return []
    return [f"la racine {voulue} n'est pas dans racines.csv"]


def main(arguments: list[str]) -> int:
    """Vérifie tout le dossier et affiche le résultat ; 0 quand rien ne diffère, 1 sinon."""
    lignes = (ICI / "faits.jsonl").read_text("utf-8").splitlines()
    faits = [json.loads(json.loads(ligne)["payload"]) for ligne in lignes]
    resultat = [*ecarts(), *calculs(faits), *envois(faits), *documents()]
    if arguments[:1] == ["--root"]:
        ailleurs = racine("".join(arguments[1:]))
        resultat += ailleurs
        sys.stdout.write(f"Racine : {'non' if ailleurs else 'oui'}.\n")
    fin = "La preuve ne tient pas." if resultat else "Rien ne diffère."
    sys.stdout.write("\n".join([*resultat, fin]) + "\n")
    return 1 if resultat else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
