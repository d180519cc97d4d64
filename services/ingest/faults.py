"""Why a scanned file can't be read: each class is one reason of quarantine.

Unreadable
├── Truncated      it ends before its end: it may still be growing
│   └── Empty      it has no octet yet
├── Encrypted      it asks for a password
├── Damaged        its structure makes no sense
├── UnknownType    neither PDF, TIFF, JPEG nor PNG
├── TooLarge       more octets or pages than a batch has
├── Bomb           small on disk, huge when opened
└── InfectedScan   an antivirus found a virus in it
"""

from typing import ClassVar

from shared.errors import PermanentFailure


class UnreadableScan(PermanentFailure):
    """Raised when a scanned file can't be opened as pages; `reason` is its quarantine code."""

    reason: ClassVar[str] = "scan-unreadable"
    final: ClassVar[bool] = False
    """Whatever its writer may still write, it stays so; any other may be a file half written."""

    def __init__(self) -> None:
        super().__init__(self.reason)


class Truncated(UnreadableScan):
    """Raised when the end of a scanned file is missing."""

    reason = "scan-truncated"


class Empty(Truncated):
    """Raised when a scanned file is empty."""

    reason = "scan-empty"


class Encrypted(UnreadableScan):
    """Raised when a scanned file is encrypted and asks for a password."""

    reason = "scan-encrypted"
    final = True


class DamagedScan(UnreadableScan):
    """Raised when the structure of a scanned file makes no sense."""

    reason = "scan-damaged"


class UnknownType(UnreadableScan):
    """Raised when a scanned file is neither PDF, TIFF, JPEG nor PNG."""

    reason = "scan-unknown-type"


class TooLargeScan(UnreadableScan):
    """Raised when a scanned file has more octets or pages than the limits allow."""

    reason = "scan-too-large"


class Bomb(UnreadableScan):
    """Raised for a decompression bomb: a file that is huge when opened, or kills its reader."""

    reason = "scan-bomb"
    final = True


class InfectedScan(UnreadableScan):
    """Raised for a file in which an antivirus found a virus: nobody opens it."""

    reason = "scan-infected"
    final = True


BY_REASON: dict[str, type[UnreadableScan]] = {
    fault.reason: fault
    for fault in (
        UnreadableScan, Truncated, Empty, Encrypted, DamagedScan, UnknownType, TooLargeScan, Bomb,
    )
}  # fmt: skip
