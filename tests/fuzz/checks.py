"""What must hold of any mail that the door took in, however damaged it came."""

import re
from collections.abc import Iterator

from services.ingest.domain.judgement import ArrivalJudgement, Judgement
from shared.content.mime import leaves
from shared.content.plis import Pli
from shared.facts.arrivals import Quarantine

_WORDS = re.compile(rb"^[A-Z][a-z]{2,20} [a-z]{3,20} [a-z]{3,20}\b", re.MULTILINE)
"""The beginning of a line that nobody takes for anything but what somebody wrote."""
_BELOW = re.compile(rb"\r?\n\r?\n|\r\r")


def faults(octets: bytes, judgements: tuple[Judgement, ...]) -> Iterator[str]:
    """Yields what is wrong with the judgements of these octets, in words."""
    first = judgements[0]
    if not isinstance(first, ArrivalJudgement):
        return
    verdict = first.verdict
    if isinstance(verdict, Quarantine) and verdict.reason in {"not-judged", "mail-bomb"}:
        yield f"not read: {verdict.reason}"
        return
    if first.pli is not None:
        yield from _missing_files(octets, first.pli)
    if _says_something(octets) and not _is_shown(first.pli):
        yield "lost: somebody wrote something, and nothing of it is shown"


def _missing_files(octets: bytes, pli: Pli) -> Iterator[str]:
    if not pli.attachments:
        return
    parts = leaves(octets)
    for file in pli.attachments:
        if file.part >= len(parts) or len(parts[file.part].content) != file.size:
            yield f"a file is not found again in the original: part {file.part}"


def _says_something(octets: bytes) -> bool:
    """Whether words stand below the header, or in a text without any."""
    end = _BELOW.search(octets.lstrip(b"\r\n"))
    return _WORDS.search(octets, end.end() if end is not None else 0) is not None


def _is_shown(pli: Pli | None) -> bool:
    if pli is None:
        return False
    return bool(pli.text.strip() or pli.quoted.strip() or any(f.size for f in pli.attachments))
