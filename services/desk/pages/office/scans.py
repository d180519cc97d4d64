"""Scans that a person hands in: what they are is read from their octets, never from their names."""

from collections.abc import Sequence
from typing import Final

from shared.content.spool import SpoolFile, spool_file
from shared.web import foreign_files
from shared.web.forms import Mistyped, safe_name

FIELD: Final = "fichiers"
MOST_FILES: Final = 20
MOST_OCTETS: Final = 60 * 1024 * 1024
"""Of all files together: a pile of 100 pages at 300 dpi is some 30 MB."""
ACCEPT: Final = ".pdf,.tif,.tiff,.jpg,.jpeg,.png"

_KINDS: Final = (
    (b"%PDF-", "application/pdf"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)


def check_scans(files: Sequence[tuple[str, bytes]]) -> Sequence[tuple[SpoolFile, bytes]]:
    """Checks the scans uploaded with a form: number, size, kind; returns each as a spool file.

    With its octets. Raises Mistyped. Slow: call it in a thread.
    """
    if not files:
        raise Mistyped(FIELD, "Choisissez au moins un document numérisé.")
    if len(files) > MOST_FILES:
        raise Mistyped(FIELD, f"{MOST_FILES} documents au plus en une fois.")
    found = list[tuple[SpoolFile, bytes]]()
    for said, content in files:
        name = safe_name(said)
        kind = next((kind for head, kind in _KINDS if content.startswith(head)), None)
        if kind is None:
            raise Mistyped(FIELD, f"« {name} » n’est ni un PDF, ni une image TIFF, JPEG ou PNG.")
        if kind == "application/pdf":
            _opens(name, content)
        found.append((spool_file(name, kind, content), content))
    return found


def _opens(name: str, content: bytes) -> None:
    try:
        foreign_files.count(content)
    except foreign_files.Unopened:
        raise Mistyped(FIELD, f"« {name} » ne s’ouvre pas, ou demande un mot de passe.") from None
