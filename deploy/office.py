"""Each document and print of quality in a running demo, drawn: `make office PASSWORD=…`.

Needs:  `make demo KEEP=1 CHAPTER=2` beside it (it shows the password), and LibreOffice, which no
test asks for since it weighs half a gigabyte: `apt-get install libreoffice-writer-nogui`.

Each .odt that the quality system writes, and the file of a candidature with those in it, is taken
from its page and made a PDF, whose pages are drawn beside it, as are those of each sheet that it
prints: a person looks at them before they are called good. The program ends with an error where
LibreOffice writes none, or a page is blank. Without LibreOffice `make office` says so and draws
the prints alone.
"""

import asyncio
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pypdfium2

from deploy.demo.run import DemoError
from deploy.demo.session import Visitor

DATA: Final = Path(".vaguemestre-demo")
INTO: Final = DATA / "office"
OFFICER: Final = "h.marchand"
DOCUMENTS: Final = (
    "/qualite/comite/reunions/1/compte-rendu.odt",
    "/chiffres/annee/2026/rapport.odt",
    "/qualite/mesures/1/fiche.odt",
    "/qualite/mesures/registre.odt",
    "/qualite/enquetes/1/rapport.odt",
    "/qualite/site-internet/etat.odt",
    "/qualite/label/audit-interne.odt",
    "/evenement/1/bilan.odt",
    "/evenement/2/bilan.odt",
    "/qualite/label/dossier.zip",
)
"""The pages of the officer that give one; a ZIP gives those in it."""
PRINTS: Final = (
    "/mois/2026-07/fiche.pdf",
    "/chiffres/mois/2026-07/affiche.pdf",
    "/chiffres/mois/2026-07/affiche.pdf?format=a3",
    "/chiffres/mois/2026-07/copil.pdf",
    "/qualite/label/constats/1/fiche.pdf",
    "/qualite/comite/reunions/1/lettres/3.pdf",
    "/qualite/site-internet/etat.pdf",
    "/qualite/accueil/lieux/pan/jeu.pdf",
    "/qualite/accueil/lieux/guichet-sejour/jeu.pdf",
    "/qualite/enquetes/1/feuille.pdf",
    "/qualite/enquetes/1/affiche.pdf",
    "/qualite/enquetes/1/affiche-resultats.pdf",
)
"""The sheets that the officer prints."""
SCALE: Final = 1.5
"""Of the drawn pages: 108 points an inch."""


def main() -> None:
    """Opens and draws every text document of a running demo by LibreOffice.

    SystemExit with a sentence when one does not open.
    """
    password, program = os.environ.get("PASSWORD", ""), shutil.which("soffice")
    if not (DATA / "run.json").exists() or not password:
        sys.exit("Run `make demo KEEP=1 CHAPTER=2`, then `make office PASSWORD=…`.")
    shutil.rmtree(INTO, ignore_errors=True)
    INTO.mkdir()
    port = json.loads((DATA / "run.json").read_text(encoding="utf-8"))["http_ports"]["desk"]
    found, bad = asyncio.run(_documents(f"http://127.0.0.1:{port}", password))
    for name, octets in found.items():
        (INTO / name).write_bytes(octets)
    texts = sorted(INTO.glob("*.odt"))
    bad += [fault for sheet in sorted(INTO.glob("*.pdf")) for fault in _faults(sheet)]
    if program is None:
        bad.append(f"Install LibreOffice: {len(texts)} text documents were not opened.")
    else:
        _convert(program, texts)
        bad += [fault for text in texts for fault in _faults(text)]
    sys.exit("\n".join(bad) if bad else None)


async def _documents(home: str, password: str) -> tuple[Mapping[str, bytes], list[str]]:
    """Each document by a name of its own; which did not come. Raises DemoError."""
    found, missing = dict[str, bytes](), list[str]()
    async with Visitor.signed_in(home, password, OFFICER) as officer:
        for address in (*DOCUMENTS, *PRINTS):
            try:
                octets = await officer.octets(address)
            except DemoError as error:
                missing.append(str(error))
                continue
            name = _name(address)
            if name.endswith(".zip"):
                with zipfile.ZipFile(io.BytesIO(octets)) as packed:
                    texts = [member for member in packed.namelist() if member.endswith(".odt")]
                    found |= {
                        f"dossier-{text.replace('/', '-')}": packed.read(text) for text in texts
                    }
            else:
                found[name] = octets
    return found, missing


def _name(address: str) -> str:
    """The name of a page's file: what the address asks for stands before its ending."""
    path, _, asked = address.strip("/").partition("?")
    stem, _, ending = path.replace("/", "-").rpartition(".")
    return f"{stem}-{asked.replace('=', '-')}.{ending}" if asked else f"{stem}.{ending}"


def _convert(program: str, texts: Sequence[Path]) -> None:
    """Has LibreOffice write a PDF beside each."""
    home = f"-env:UserInstallation={(INTO / 'profile').resolve().as_uri()}"
    words = [program, home, "--headless", "--convert-to", "pdf", "--outdir", str(INTO)]
    subprocess.run([*words, *map(str, texts)], check=True, capture_output=True)  # noqa: S603  (our own words)


def _faults(text: Path) -> Iterator[str]:
    """Draws each page of a PDF, or of a text's; what is wrong with it."""
    pdf = text.with_suffix(".pdf")
    if not pdf.exists():
        yield f"{text.name}: LibreOffice opened nothing."
        return
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(document, start=1):
            page.render(scale=SCALE).to_pil().save(text.with_name(f"{text.stem}-{number}.png"))
            if not page.get_textpage().get_text_range().strip():
                yield f"{text.name}: page {number} is blank."
        sys.stdout.write(f"{text.name}: {len(document)} pages\n")


if __name__ == "__main__":
    main()
