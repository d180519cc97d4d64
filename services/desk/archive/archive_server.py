"""The interface of every archive's server, and what it says of a package; `Asalae` is the real one.

A transfer has a number of ours (its MessageIdentifier), by which the archive is asked what it has.
An answer that was lost says nothing: whoever asked must not send again before the archive was asked
for long enough.
"""

import unicodedata
from pathlib import Path
from typing import Final, Protocol

from shared.errors import PermanentFailure, TemporaryFailure

MOST_SAID: Final = 500
"""Letters of what a server says of a failure."""
_NO_LETTERS: Final = frozenset({"Cc", "Cf", "Cs"})


class ArchiveAway(TemporaryFailure):
    """The error that an archive's server took nothing, or gave no answer; text: a code.

    `said`: what it said itself, in its words.
    """

    def __init__(self, why: str, said: str = "") -> None:
        super().__init__(why)
        self.said = said


class ArchiveUnsure(ArchiveAway):
    """The error that an archive's server may have taken a package, and did not say so."""


class ArchiveRefuses(PermanentFailure):
    """The error that an archive's server does not take a package; text: a code; `said`: its words.

    Nothing of it is there.
    """

    def __init__(self, why: str, said: str = "") -> None:
        super().__init__(why)
        self.said = said


class ArchiveServer(Protocol):
    """The interface of the server of a service d'archives, which takes SEDA packages."""

    async def deposit(self, transfer: str, package: Path) -> None:
        """Gives a package (our ZIP with its manifest) to the archive; returns when it took it.

        Sends whatever it is given: whether the archive has it already is asked before.

        Raises:
            ArchiveAway: nothing was taken; it may be sent again.
            ArchiveUnsure: it may have been taken: ask, do not send.
            ArchiveRefuses: it is not taken, for a reason that somebody has to look at.
        """
        ...

    async def acknowledgement(self, transfer: str) -> bytes | None:
        """Asks for the archive's Acknowledgement of a transfer (XML); `None`: there is none yet.

        Raises ArchiveAway.
        """
        ...

    async def reply(self, transfer: str) -> bytes | None:
        """Asks for the archive's ArchiveTransferReply (XML); `None`: there is none yet.

        Raises ArchiveAway.
        """
        ...


def words_of(said: object) -> str:
    """Returns what a server said as one line without controls, `MOST_SAID` letters at most."""
    if not isinstance(said, str):
        return ""
    line = " ".join(said.split())
    return "".join(cell for cell in line if unicodedata.category(cell) not in _NO_LETTERS)[
        :MOST_SAID
    ]
