"""All that is held of one person as a ZIP: their letters, what was answered, who looked.

Whoever answers the request reads it before it is given: what a package can't judge (other people
named in a letter, notes of colleagues) lies apart, and its first page says what to look for.
Colleagues are named by their service, as the law asks no more (CJUE, C-579/21).
"""

import asyncio
import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from services.desk import item_documents
from services.desk.domain.days import local_day
from services.desk.domain.disposition import Disposition
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.item_documents import Dossier, FiledDocument
from services.desk.privacy.store import Consultation, LooseArrival
from shared.content import plis
from shared.content.blobs import Blobs
from shared.content.plis import Correspondent
from shared.errors import PermanentFailure
from shared.facts.envelope import BlobKey

LETTERS: Final = "courriers"
TO_READ: Final = "a-relire"
"""Folder of what is looked at before it is given, or left out."""
LOOSE: Final = "sans-suite"
COMPRESSED: Final = (".pdf", ".png", ".jpg", ".docx", ".odt", ".zip")
"""What a ZIP makes no smaller."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_TURN: Final = asyncio.Semaphore(1)
_LOOSE_WORDS: Final[Mapping[Disposition, str]] = {
    Disposition.HISTORY: "reçu avant la mise en service",
    Disposition.SET_ASIDE: "mis de côté",
    Disposition.QUARANTINE: "en quarantaine",
}
_ACTS: Final[Mapping[str, str]] = {
    "reading": "lecture",
    "download": "fichier pris",
    "audit": "lecture par un auditeur",
}


@dataclass(frozen=True, slots=True)
class PersonLetter:
    """An item of the person, or the part of another's item that they wrote."""

    dossier: Dossier
    only: frozenset[BlobKey] | None
    """The originals that they brought to another's item; `None`: all of it is theirs."""

    @property
    def documents(self) -> Sequence[FiledDocument]:
        """The documents that are given: of another's item their own messages alone."""
        found = self.dossier.documents
        return (
            found
            if self.only is None
            else [replace(document, apart=False) for document in found if document.key in self.only]
        )


@dataclass(frozen=True, slots=True)
class PersonData:
    """All that is held of a person, before its files are read."""

    letters: Sequence[PersonLetter]
    loose: Sequence[LooseArrival]
    seen: Sequence[Consultation]
    names: Names
    """In which colleagues are named by their service."""
    made_on: date
    more_loose: bool
    """There are more messages without an item than `loose` has."""
    complete: bool
    """Whether whoever asks may read réservé items too."""


async def write(path: Path, data: PersonData, blobs: Blobs) -> None:
    """Writes the ZIP of a person, one at a time; what can't be read is named in its first page.

    Raises TemporaryFailure when the blobs can't be read now.
    """
    async with _TURN:
        await _write(path, data, blobs)


async def _write(path: Path, data: PersonData, blobs: Blobs) -> None:
    lacking, known = list[str](), dict[str, None]()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for letter in data.letters:
            chrono = letter.dossier.sheet.item.chrono
            for place, document in enumerate(letter.documents, start=1):
                name = f"{TO_READ if document.apart else LETTERS}/{chrono}/{place}"
                if not await _add(package, name, document, blobs):
                    lacking.append(f"{chrono} : {document.title}")
            if letter.only is None:
                known |= dict.fromkeys(await _coordinates(letter.dossier, blobs))
        for place, arrival in enumerate(data.loose, start=1):
            document = FiledDocument(_LOOSE_WORDS[arrival.word], None, arrival.original)
            if not await _add(package, f"{LOOSE}/{place}", document, blobs):
                lacking.append(f"{LOOSE}/{place}")
        for name, text in (
            ("courriers.csv", _letters(data)),
            ("consultations.csv", _consultations(data)),
            ("coordonnees.txt", "\n".join([*known, ""])),
            ("LISEZMOI.txt", _first_page(data, lacking)),
        ):
            octets = text.encode("utf-8-sig" if name.endswith("csv") else "utf-8")
            await asyncio.to_thread(_entry, package, name, octets)


async def _add(package: zipfile.ZipFile, name: str, document: FiledDocument, blobs: Blobs) -> bool:
    try:
        octets, ending = await item_documents.read(blobs, document)
    except PermanentFailure:
        return False
    await asyncio.to_thread(_entry, package, name + ending, octets)
    return True


def _entry(package: zipfile.ZipFile, name: str, octets: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    kept = name.endswith(COMPRESSED)
    entry.compress_type = zipfile.ZIP_STORED if kept else zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    package.writestr(entry, octets)


async def _coordinates(dossier: Dossier, blobs: Blobs) -> Sequence[str]:
    """Who the person is, as their item has it: names and addresses, a line each."""
    item, found = dossier.sheet.item, list[str]()
    for key in (item.pli, item.sender):
        if key is None:
            continue
        try:
            pli = await plis.read(blobs, key)
        except PermanentFailure:
            continue
        found += [said for who in (pli.sender, pli.answer_to) if (said := _describe(who))]
    return found


def _describe(who: Correspondent) -> str:
    return ", ".join(part for part in (who.name, who.address, who.postal) if part)


def _letters(data: PersonData) -> str:
    names, rows = data.names, list[Sequence[str]]()
    for letter in data.letters:
        item = letter.dossier.sheet.item
        rows.append(
            (
                item.chrono,
                names.category(item.classification.category),
                local_day(item.receipt, names.site.zone).isoformat(),
                labels_fr.CHANNELS[item.channel],
                names.service(item.service),
                "en entier" if letter.only is None else "vos messages dans le dossier d’un tiers",
                str(len(letter.documents)),
            )
        )
    return _csv(("Numéro", "Objet", "Reçu le", "Par", "Service", "Joint", "Documents"), rows)


def _consultations(data: PersonData) -> str:
    zone = data.names.site.zone
    rows = [
        (
            line.about,
            f"{line.at.astimezone(zone):%d/%m/%Y %H:%M}",
            _ACTS.get(line.what, line.what),
            data.names.person(line.person) if line.person else "",
        )
        for line in data.seen
    ]
    return _csv(("Numéro", "Le", "Quoi", "Par"), rows)


def _csv(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue()


def _first_page(data: PersonData, lacking: Sequence[str]) -> str:
    site = data.names.site
    lines = [
        f"{site.identity.authority}",
        (
            "Données détenues sur une personne (article 15 du règlement général sur la"
            " protection des données)"
        ),
        f"Établi le {labels_fr.long_day(data.made_on)}.",
        "",
        "AVANT DE REMETTRE CE DOSSIER",
        "- Vérifiez l’identité de qui le demande.",
        (
            f"- Relisez « {TO_READ} » : des notes entre agents, ce qu’un tiers a écrit. Ôtez ce qui"
            " n’est pas communicable."
        ),
        (
            "- Relisez les courriers : ce qui concerne d’autres personnes est à occulter"
            " (article 15, 4)."
        ),
        *(
            []
            if data.complete
            else [
                (
                    "- S’il existe des courriers réservés, ils n’y sont pas : le secrétaire"
                    " général, qui les lit, établit le dossier entier."
                )
            ]
        ),
        "- Remettez-le par un moyen sûr, et n’en gardez pas de copie.",
        "",
        "CE QU’IL CONTIENT",
        f"- {LETTERS} : un dossier par courrier ; le premier fichier en raconte l’histoire",
        "- courriers.csv : la liste de ces courriers",
        "- coordonnees.txt : les noms et adresses que le registre connaît",
        (
            f"- consultations.csv : quand ces courriers ont été ouverts depuis"
            f" {site.identity.journal_months} mois au plus, et par quel service"
        ),
        *([f"- {LOOSE} : les messages dont aucun courrier n’a été fait"] if data.loose else []),
        "",
        "CE QUI N’Y EST PAS",
        (
            "- les courriers dont le contenu a été détruit à l’échéance : rien n’y relie plus la"
            " personne"
        ),
        "- les papiers et les messages d’une autre adresse, si leur numéro n’a pas été donné",
        "- les réponses à l’enquête de satisfaction, qui ne nomment personne",
        *([_beyond(len(data.loose))] if data.more_loose else []),
        *(["", "DOCUMENTS ILLISIBLES", *(f"- {title}" for title in lacking)] if lacking else []),
        "",
    ]
    return "\n".join(lines)


def _beyond(loose: int) -> str:
    first = "du premier" if loose == 1 else f"des {loose} premiers"
    return f"- les messages dont aucun courrier n’a été fait, au-delà {first}"
