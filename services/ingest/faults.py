"""Why a scanned file can't be read: each class is one reason of quarantine.

Unreadable
├── Truncated      it ends before its end: it may still be growing
│   └── Empty      it has no octet yet
├── Encrypted      it asks for a password
├── Damaged        its structure makes no sense
├── UnknownType    neither PDF, TIFF, JPEG nor PNG
├── TooLarge       more octets or pages than a batch has
└── Bomb           small on disk, huge when opened
"""

from typing import ClassVar

from shared.errors import PermanentFailure


class UnreadableScan(PermanentFailure):
    """The file can't be opened as pages; `reason` is the code shown in quarantine."""

    reason: ClassVar[str] = "scan-unreadable"
    final: ClassVar[bool] = False
    """Whatever its writer may still write, it stays so; any other may be a file half written."""

    def __init__(self) -> None:
        super().__init__(self.reason)


class Truncated(UnreadableScan):
    """It ends before its end."""

    reason = "scan-truncated"


class Empty(Truncated):
    """It has no octet."""

    reason = "scan-empty"


class Encrypted(UnreadableScan):
    """It asks for a password."""

    reason = "scan-encrypted"
    final = True


class DamagedScan(UnreadableScan):
    """Its structure makes no sense."""

    reason = "scan-damaged"


class UnknownType(UnreadableScan):
    """Neither PDF, TIFF, JPEG nor PNG."""

    reason = "scan-unknown-type"


class TooLargeScan(UnreadableScan):
    """More octets or pages than a batch has."""

    reason = "scan-too-large"


class Bomb(UnreadableScan):
    """Small on disk, huge when opened, or it kills whoever opens it."""

    reason = "scan-bomb"
    final = True


BY_REASON: dict[str, type[UnreadableScan]] = {
    fault.reason: fault
    for fault in (
        UnreadableScan, Truncated, Empty, Encrypted, DamagedScan, UnknownType, TooLargeScan, Bomb,
    )
}  # fmt: skip
