"""The story's paper is printed once: drawing and filing it takes longer than starting the servers.

What was printed is kept in the user's cache under a name that depends on all that it is made of:
the words, the sheets of the site, the code that draws, and the libraries that do the work.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from deploy.embedded.downloads import cache
from shared.paper import codes, sheets
from shared.paper.code_keys import CodeKeys
from shared.paper.codes import SeparatorCode
from shared.site.tables.bundle import Site

LIBRARIES = ("numpy", "pillow", "pypdfium2", "segno", "typst")


class Printed(NamedTuple):
    """A scanned file as the demo's copier writes it, with the pages of each letter."""

    octets: bytes
    pages: Mapping[str, tuple[int, int]]
    """Each letter's id → its first and last page in the file, from 1."""


def once(words: Sequence[Any], site: Site, keys: CodeKeys, make: Callable[[], Printed]) -> Printed:
    """Returns the scanned file that `make()` draws, from a cache on the disk once it was drawn.

    It is drawn anew when anything that it is made from has changed.
    """
    name = sha256()
    for part in _made_of(words, site, keys):
        name.update(sha256(part).digest())
    folder = cache() / "demo-paper"
    kept, pages = folder / name.hexdigest(), folder / f"{name.hexdigest()}.json"
    if pages.exists() and kept.exists():
        found = json.loads(pages.read_text())
        return Printed(kept.read_bytes(), {one: (first, last) for one, (first, last) in found})
    made = make()
    folder.mkdir(parents=True, exist_ok=True)
    _write(kept, made.octets)
    _write(pages, json.dumps(list(made.pages.items())).encode())
    return made


def _made_of(words: Sequence[Any], site: Site, keys: CodeKeys) -> Iterator[bytes]:
    yield json.dumps(words, ensure_ascii=False, default=str).encode()
    yield site.model_dump_json(include={"identity", "services", "labels"}).encode()
    yield keys.write(SeparatorCode(site.identity.id)).encode()
    drawing = Path(__file__).parent
    files = [drawing / "paper.py", drawing / "inputs.py", drawing / "letter.typ"]
    files += [Path(codes.__file__), *sorted(Path(sheets.__file__).parent.glob("sheet*.*"))]
    for file in files:
        yield file.read_bytes()
    yield " ".join(version(library) for library in LIBRARIES).encode()


def _write(path: Path, octets: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_bytes(octets)
    partial.replace(path)
