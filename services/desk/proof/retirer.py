"""Refait le tirage au sort : python3 retirer.py, dans le dossier décompressé."""

import csv
import hashlib
import sys
from pathlib import Path

ICI = Path(__file__).resolve().parent


def table(nom: str) -> list[dict[str, str]]:
    """Les lignes d'un tableau du dossier."""
    with (ICI / nom).open(encoding="utf-8", newline="") as fichier:
        return list(csv.DictReader(fichier))


def tires(graine: str, chacun: int) -> set[str]:
    """Les numéros que cette graine tire, au plus tant par service et par canal."""
    groupes: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for ligne in table("population.csv"):
        rang = hashlib.sha256(f"{graine}\n{ligne['numero']}".encode()).hexdigest()
        groupes.setdefault((ligne["service"], ligne["canal"]), []).append((rang, ligne["numero"]))
    return {numero for groupe in groupes.values() for _, numero in sorted(groupe)[:chacun]}


def main() -> int:
    """0 quand le tirage est bien celui-là, 1 sinon."""
    (regle,) = table("graine.csv")
    attendus = tires(regle["graine"], int(regle["chacun"]))
    trouves = {ligne["numero"] for ligne in table("tirage.csv")}
    lignes = [
        f"{numero} : {'manque' if numero in attendus else 'n’est pas tiré'}"
        for numero in sorted(attendus ^ trouves)
    ]
    fin = f"Tirés : {len(attendus)}. {'Tout tient' if attendus == trouves else 'ÉCARTS'}."
    sys.stdout.write("\n".join([*lignes, fin]) + "\n")
    return 0 if attendus == trouves else 1


if __name__ == "__main__":
    sys.exit(main())
