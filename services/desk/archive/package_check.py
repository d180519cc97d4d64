"""A package is checked: by the rules of SEDA 2.2, by its own hashes, and by the schema if given.

The schema is not ours to hand out: whoever has it says in which folder it lies. Nothing is fetched
for it.
"""

import hashlib
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lxml import etree

from services.desk.archive.domain import rules
from services.desk.archive.domain.manifest import MANIFEST, parse
from shared.errors import Refused

SCHEMA: Final = "seda-2.2-main.xsd"
_PIECE: Final = 1024 * 1024
_MOST_SAID: Final = 50


def wrong_in_package(path: Path, schema: Path | None = None) -> Sequence[str]:
    """Checks an archive package (SEDA ZIP); returns a sentence for each fault. Blocks.

    `schema`: folder with `seda-2.2-main.xsd` and all that it names. Raises Refused where the file
    is no ZIP or the schema can't be read.
    """
    try:
        with zipfile.ZipFile(path) as package:
            names = Counter(package.namelist())
            if names.pop(MANIFEST, 0) != 1:
                return [f"there is not one {MANIFEST} in it"]
            told = package.read(MANIFEST)
            files = {name: _hashed(package, name) for name in names}
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, RuntimeError) as error:
        raise Refused(f"{path} can't be read as a ZIP: {error}.") from error
    try:
        root = parse(told)
    except Refused as refused:
        return [f"{MANIFEST}: {refused}"]
    found = [f"{name} is there {times} times" for name, times in names.items() if times > 1]
    found += rules.wrong_in_manifest(root)
    found += rules.wrong_in_contents(root, files)
    return found if schema is None else [*found, *wrong_by_schema(told, schema)]


def wrong_by_schema(told: bytes, folder: Path) -> Sequence[str]:
    """Checks a SEDA manifest, parsed before, by a folder's XML schema; returns its first 50 errors.

    Raises Refused where the folder has no readable schema of SEDA 2.2.
    """
    parser = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False)
    try:
        schema = etree.XMLSchema(etree.parse(str(folder / SCHEMA), parser))
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError, OSError) as error:
        raise Refused(
            f"{folder} has no schema that can be read ({error}): it needs {SCHEMA} and all files"
            " that it names, xml.xsd and xlink.xsd under these names too."
        ) from error
    # A manifest of many items is deep in no place, and longer than the parser takes by default.
    long = etree.XMLParser(no_network=True, resolve_entities=False, load_dtd=False, huge_tree=True)
    if schema.validate(etree.fromstring(told, long)):
        return []
    return [f"line {error.line}: {error.message}" for error in schema.error_log][:_MOST_SAID]


def _hashed(package: zipfile.ZipFile, name: str) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with package.open(name) as entry:
        while piece := entry.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size
