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


class Unreadable(PermanentFailure):
    """The file can't be opened as pages; `reason` is the code shown in quarantine."""

    reason: ClassVar[str] = "scan-unreadable"
    final: ClassVar[bool] = False
    """Whatever its writer may still write, it stays so; any other may be a file half written."""

    def __init__(self) -> None:
        super().__init__(self.reason)


class Truncated(Unreadable):
    """It ends before its end."""

    reason = "scan-truncated"


class Empty(Truncated):
    """It has no octet."""

    reason = "scan-empty"


class Encrypted(Unreadable):
    """It asks for a password."""

    reason = "scan-encrypted"
    final = True


class Damaged(Unreadable):
    """Its structure makes no sense."""

    reason = "scan-damaged"


class UnknownType(Unreadable):
    """Neither PDF, TIFF, JPEG nor PNG."""

    reason = "scan-unknown-type"


class TooLarge(Unreadable):
    """More octets or pages than a batch has."""

    reason = "scan-too-large"


class Bomb(Unreadable):
    """Small on disk, huge when opened, or it kills whoever opens it."""

    reason = "scan-bomb"
    final = True


BY_REASON: dict[str, type[Unreadable]] = {
    fault.reason: fault
    for fault in (
        Unreadable, Truncated, Empty, Encrypted, Damaged, UnknownType, TooLarge, Bomb,
    )
}  # fmt: skip
