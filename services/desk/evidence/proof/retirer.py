"""Refait le tirage au sort : python3 retirer.py, dans le dossier décompressé."""

import csv
import hashlib
import json
import sys
from collections import Counter
from pathlib import Path

ICI = Path(__file__).resolve().parent


def table(nom: str) -> list[dict[str, str]]:
    """Lit les lignes d'un tableau CSV du dossier."""
    with (ICI / nom).open(encoding="utf-8", newline="") as fichier:
        return list(csv.DictReader(fichier))


def empreinte(*mots: str) -> str:
    """Calcule l'empreinte SHA-256 de ces mots, un par ligne."""
    return hashlib.sha256("\n".join(mots).encode()).hexdigest()


def parts(tailles: dict[str, int], graine: str, nombre: int, mode: str) -> dict[str, int]:
    """Calcule combien de numéros tirer dans chaque strate."""
    if mode == "each":
        return {strate: min(taille, nombre) for strate, taille in tailles.items()}
    voulus = min(nombre, sum(tailles.values()))
    chacune = 1 if voulus >= len(tailles) else 0
    restes = {strate: taille - chacune for strate, taille in tailles.items()}
    m, r = sum(restes.values()), voulus - chacune * len(tailles)
    trouvees = dict.fromkeys(tailles, chacune)
    if r == 0:
        return trouvees
    u, c = int(empreinte(graine), 16) % m, 0
    for strate in sorted(restes, key=lambda une: empreinte(graine, une)):
        avant, c = c, c + restes[strate]
        trouvees[strate] += (c * r + u) // m - (avant * r + u) // m
    return trouvees


def tires(graine: str, nombre: int, mode: str) -> set[str]:
    """Calcule les numéros que cette graine tire de la liste, strate par strate."""
    rangs = sorted(
        (ligne["strate"], empreinte(graine, ligne["numero"]), ligne["numero"])
        for ligne in table("liste.csv")
        if ligne["strate"] not in {"non-termine", "sans-engagement"}
    )
    combien = parts(Counter(strate for strate, _, _ in rangs), graine, nombre, mode)
    trouves, pris = set(), Counter[str]()
    for strate, _, numero in rangs:
        pris[strate] += 1
        if pris[strate] <= combien[strate]:
            trouves.add(numero)
    return trouves


def main() -> int:
    """Refait le tirage et l'affiche ; 0 quand c'est bien celui du dossier, 1 sinon."""
    fait = json.loads((ICI / "tirage.json").read_text(encoding="utf-8"))
    attendus = tires(fait["seed"], fait["count"], fait["mode"])
    trouves = {ligne["numero"] for ligne in table("tirage.csv")}
    lignes = [
        f"{numero} : {'manque' if numero in attendus else 'n’est pas tiré'}"
        for numero in sorted(attendus ^ trouves)
    ]
    if hashlib.sha256((ICI / "liste.csv").read_bytes()).hexdigest() != fait["frame"]:
        lignes.append("liste.csv : ce n’est pas la liste qui a été arrêtée")
    fin = f"Tirés : {len(attendus)}. {'ÉCARTS' if lignes else 'Tout tient'}."
    sys.stdout.write("\n".join([*lignes, fin]) + "\n")
    return 1 if lignes else 0


if __name__ == "__main__":
    sys.exit(main())
