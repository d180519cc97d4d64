"""Archive copies are PDF/A-2b by the word of veraPDF, whatever a scan has on its pages."""

import io
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pikepdf
from PIL import Image

from deploy.embedded.downloads import java, pdf_a_class_path
from shared.content.word_places import PlacedWord, WordPlaces, pack
from shared.paper import copy_child
from shared.paper.archive_copy import CopiedPage, archive_copy
from tests.papers import a_letter, as_image, as_pdf, as_tiff

A4 = 595.0, 842.0
WORDS = [
    PlacedWord("séjour,", (0.1, 0.1, 0.2, 0.12)),
    PlacedWord("œuvre№\x07\ufffe", (0.3, 0.1, 0.4, 0.12)),
    PlacedWord("😀", (0.0, 0.99, 1.0, 1.0)),
]


def copied(octets: bytes, *, turned: bool = False) -> bytes:
    """The copy of a scan with a word on its first page, as its child makes it."""
    boxes = pack([(0.1, 0.1, 0.3, 0.12), (0.4, 0.1, 0.5, 0.12)])
    request = {
        "title": "36-2026-A-000001 <&> é", "texts": ["Titre séjour"], "most": 9,
        "most_pixels": 10**8, "most_octets": 10**8,
        "places": [WordPlaces(boxes=boxes, turned=turned).model_dump()],
    }  # fmt: skip
    made, copy = copy_child.answer(request, octets)
    assert made
    return copy


def held_sideways() -> bytes:
    said, out = Image.Exif(), io.BytesIO()
    said[0x0112] = 6
    a_letter(dpi=100).convert("RGB").save(out, "JPEG", exif=said)
    return out.getvalue()


def without_intent(copy: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(copy)) as document:
        del document.Root.OutputIntents
        document.save(out, compress_streams=False)
    return out.getvalue()


def test_copies_are_pdf_a_2b(tmp_path: Path) -> None:
    letter = a_letter(dpi=100)
    fax = letter.convert("1")
    red = Image.new("RGB", letter.size, "red")
    drawn = copied(as_pdf([letter, letter], 100))
    copies = {
        "letter": drawn,
        "turned": copied(as_pdf([letter], 100), turned=True),
        "fax": copied(as_tiff([fax, fax], 100)),
        "photo": copied(held_sideways()),
        "picture": copied(as_image(letter, "PNG", 100)),
        "odd-words": archive_copy("\x07", [CopiedPage(red, *A4, WORDS), CopiedPage(fax, *A4)]),
        "smallest": archive_copy("", [CopiedPage(Image.new("L", (1, 1)), 1, 1, WORDS)]),
    }
    found = validated(tmp_path, copies | {"no-intent": without_intent(drawn)})
    assert found == dict.fromkeys(copies, "PASS") | {"no-intent": "FAIL"}


def validated(folder: Path, files: Mapping[str, bytes]) -> Mapping[str, str]:
    """PASS or FAIL by the name of a file, as veraPDF says it: « PASS /tmp/letter.pdf 2b »."""
    paths = [folder / f"{name}.pdf" for name in files]
    for path, octets in zip(paths, files.values(), strict=True):
        path.write_bytes(octets)
    # The quicker of Java's compilers: a start is most of it.
    words = [str(java()), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", pdf_a_class_path()]
    words += ["org.verapdf.apps.GreenfieldCliWrapper", "-f", "2b", "--format", "text"]
    done = subprocess.run(  # noqa: S603  (our own words)
        [*words, *map(str, paths)], capture_output=True, text=True, check=False, timeout=600
    )
    lines = [line.split() for line in done.stdout.splitlines() if line.strip()]
    return {Path(path).stem: said for said, path, *_ in lines}
