"""Every text document of a running demo, opened by LibreOffice: `make office PASSWORD=…`.

Needs:  `make demo KEEP=1 CHAPTER=2` beside it (it shows the password), and LibreOffice, which no
test asks for since it weighs half a gigabyte: `apt-get install libreoffice-writer-nogui`.

Each .odt that the quality system writes, and the file of a candidature with those in it, is taken
from its page and made a PDF, whose pages are drawn beside it: a person looks at them before they
are called good. The program ends with an error where LibreOffice writes none, or a page is blank.
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
SCALE: Final = 1.5
"""Of the drawn pages: 108 points an inch."""


def main() -> None:
    """Opens and draws every text document of a running demo by LibreOffice.

    SystemExit with a sentence when one does not open.
    """
    password, program = os.environ.get("PASSWORD", ""), shutil.which("soffice")
    if not (DATA / "run.json").exists() or not password or program is None:
        sys.exit("Install LibreOffice, run `make demo KEEP=1 CHAPTER=2`, then `make office`.")
    shutil.rmtree(INTO, ignore_errors=True)
    INTO.mkdir()
    port = json.loads((DATA / "run.json").read_text(encoding="utf-8"))["http_ports"]["desk"]
    found = asyncio.run(_documents(f"http://127.0.0.1:{port}", password))
    for name, octets in found.items():
        (INTO / name).write_bytes(octets)
    texts = sorted(INTO.glob("*.odt"))
    _convert(program, texts)
    bad = [fault for text in texts for fault in _faults(text)]
    sys.exit("\n".join(bad) if bad else None)


async def _documents(home: str, password: str) -> Mapping[str, bytes]:
    """Each document by a name of its own. Raises DemoError."""
    found = dict[str, bytes]()
    async with Visitor.signed_in(home, password, OFFICER) as officer:
        for address in DOCUMENTS:
            octets = await officer.octets(address)
            name = address.strip("/").replace("/", "-")
            if name.endswith(".zip"):
                with zipfile.ZipFile(io.BytesIO(octets)) as packed:
                    texts = [member for member in packed.namelist() if member.endswith(".odt")]
                    found |= {
                        f"dossier-{text.replace('/', '-')}": packed.read(text) for text in texts
                    }
            else:
                found[name] = octets
    return found


def _convert(program: str, texts: Sequence[Path]) -> None:
    """Has LibreOffice write a PDF beside each."""
    home = f"-env:UserInstallation={(INTO / 'profile').resolve().as_uri()}"
    words = [program, home, "--headless", "--convert-to", "pdf", "--outdir", str(INTO)]
    subprocess.run([*words, *map(str, texts)], check=True, capture_output=True)  # noqa: S603  (our own words)


def _faults(text: Path) -> Iterator[str]:
    """Draws each page of a text's PDF; what is wrong with it."""
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
