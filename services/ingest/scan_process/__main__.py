"""The loop of the reading process; see the package."""

import json
import math
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from services.ingest.faults import Bomb, DamagedScan, UnreadableScan
from services.ingest.scan_process.file_kinds import open_pages
from services.ingest.scan_process.ink import found_on, strengthen
from services.ingest.scan_process.page_glance import look
from services.ingest.scan_process.pages import ScanPages
from services.ingest.scan_process.tesseract import Tesseract
from shared.platform import confinement

_ADDRESS_SPACE = 1_000_000_000  # an honest page takes up to 450 MB of it, 300 of them in memory
_GRACE = 5  # seconds after which it ends by itself, should nobody be left to kill it
_OCR_DPI = 300
_ORPHANED = 4  # times its patience: for so long nobody has come to kill it


_KEPT_OPEN = 4  # files that take turns, page by page
_KEPT_OCTETS = 100_000_000  # of all of them: a large one takes its size of the address space


class RequestLoop:
    """The reading process's answers to requests about scanned files; recent files stay open."""

    def __init__(self, tessdata: Path) -> None:
        self._tessdata = tessdata
        self._tesseract: Tesseract | None = None
        self._open: dict[str, tuple[ScanPages, int]] = {}
        """With their octets; the one that was asked for last comes last."""

    def answer(self, request: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        """Answers one request about a scanned file: a JSON object and the octets that follow it."""
        try:
            return self._answer(request)
        except UnreadableScan as fault:
            return {"fault": fault.reason}, b""
        except MemoryError:
            if len(self._open) > 1:  # the others may be to blame
                self._open.clear()
                return self.answer(request)
            return {"fault": Bomb.reason}, b""
        except Exception:  # noqa: BLE001  (hostile octets make libraries raise anything)
            return {"fault": DamagedScan.reason}, b""

    def _answer(self, request: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
        pages = self._pages(request["file"], fresh=request["do"] == "open")
        match request["do"]:
            case "open":
                return {"pages": pages.count, "media_type": pages.media_type}, b""
            case "look":
                seen = look(pages, request["page"], foreign=request.get("foreign", False))
                codes = [(code.text, code.millimetres, code.beside) for code in seen.codes]
                return {"codes": codes, "blank": seen.blank, "faint": seen.faint}, b""
            case "read":
                if self._tesseract is None:
                    self._tesseract = Tesseract(self._tessdata)
                picture, dpi = pages.picture(request["page"], _OCR_DPI)
                if found_on(picture.reduce(2), dpi / 2) != "ink":
                    picture, dpi = strengthen(picture, dpi)
                return asdict(self._tesseract.read(picture, dpi)), b""
            case "cut":
                octets = pages.cut(request["page"], request["last"])
                return {"octets": len(octets)}, octets
            case other:
                raise AssertionError(other)

    def _pages(self, file: str, *, fresh: bool) -> ScanPages:
        found = self._open.pop(file, None)
        if fresh or found is None:
            found = None  # what was open goes before
            size = Path(file).stat().st_size
            while self._open and not self._has_room(size):
                del self._open[next(iter(self._open))]
            found = open_pages(Path(file)), size
        self._open[file] = found
        return found[0]

    def _has_room(self, size: int) -> bool:
        octets = size + sum(one for _, one in self._open.values())
        return len(self._open) < _KEPT_OPEN and octets <= _KEPT_OCTETS


def main() -> None:
    """Runs the scan reading process: answers requests until standard input ends."""
    confinement.limit(_ADDRESS_SPACE)
    os.nice(int(sys.argv[1]))
    out = _private_output()
    tessdata, *folders = map(Path, sys.argv[2:])
    # Under our account: a scan may be readable by no other.
    confinement.confine([tessdata, *folders], own_user=False)
    reading = RequestLoop(tessdata)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        # Of work, whatever else the machine does; and of waiting, should nobody be left to kill us
        # who looks whether we work.
        signal.setitimer(signal.ITIMER_PROF, request["work"])
        signal.alarm(math.ceil(request["patience"]) * _ORPHANED + _GRACE)
        said, octets = reading.answer(request)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        out.write(json.dumps(said, default=date.isoformat).encode() + b"\n" + octets)
        out.flush()


def _private_output() -> BinaryIO:
    """Standard output for the answers alone; what libraries print goes to standard error."""
    ours = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return os.fdopen(ours, "wb")


if __name__ == "__main__":
    main()
