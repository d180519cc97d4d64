"""The transfer of a deposit from one spool to ingest's, over HTTP, where no disk is shared.

    POST /v1/deposits    the manifest as one line of JSON, then the octets of its files, one after
                         the other, as they lie on the sender's disk (encrypted if they are)

Who sends keeps its copy until the door has answered that it is on the door's disk; a name that was
taken in before is answered so again. The manifest has the size and the SHA-256 of each file: what
was cut or changed on its way is refused, and stays with its sender.
"""

import hashlib
import hmac
import re
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.content.spool import CONTENT
from shared.content.survey_stops import TOKEN
from shared.errors import PermanentFailure
from shared.facts.envelope import Digest

PATH: Final = "/v1/deposits"
SPOOL_HEADER: Final = "vaguemestre-spool"
"""Which spool a request comes from: one that is the door's own has nothing to send."""
NONCE_HEADER: Final = "vaguemestre-nonce"
PROOF_HEADER: Final = "vaguemestre-proof"
"""What the door alone can answer: a status says nothing, since any proxy's page is a 200."""
IDENTITY: Final = ".door"
"""The file that names the spool of a door (its content), in that spool."""
SHEET: Final = "sheet.json"
MOST_OCTETS: Final = 128 * 1024 * 1024
"""Of one deposit: twice what a page takes in."""
MOST_MANIFEST: Final = 64 * 1024
MOST_SMALL: Final = 128 * 1024
"""Octets of what is no deposit: a sheet of the survey."""
MOST_FILES: Final = 100
LEAST_SECRET: Final = 32

_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
FOLDER_NAME: Final = re.compile(rf"[0-9]{{8}}T[0-9]{{6}}-({_UUID})")
SHEET_NAME: Final = re.compile(_UUID)

Depositor = Literal["portal", "desk"]
"""Who may send: each has secrets of its own, and may send what its pages take in."""


class TransferKind(StrEnum):
    """The kinds of what is sent: a deposit or request of the spool, a sheet, a refusal of mails."""

    DEPOSIT = "deposit"
    SHEET = "survey-sheet"
    STOP = "survey-stop"


KINDS: Final[dict[Depositor, frozenset[TransferKind]]] = {
    "portal": frozenset(TransferKind),
    "desk": frozenset({TransferKind.DEPOSIT}),
}
DEPOSITS: Final[dict[Depositor, frozenset[str]]] = {
    "portal": frozenset({"form"}),
    "desk": frozenset({"upload", "reread", "search_sent"}),
}
"""The kinds of deposits that each may send: a portal that was broken into asks for no rereading."""

_NAMES: Final = {
    TransferKind.DEPOSIT: FOLDER_NAME,
    TransferKind.SHEET: SHEET_NAME,
    TransferKind.STOP: TOKEN,
}


class TransferRefused(PermanentFailure):
    """The error that a transfer is not what it says, or not its sender's to send; text: a code."""


class TransferFile(BaseModel):
    """A file of a transfer: its name in the deposit's folder, its size and its SHA-256 there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(max_length=20)
    size: int = Field(ge=0, le=MOST_OCTETS)
    sha256: Digest


class TransferManifest(BaseModel):
    """The first line of a transfer: what it is, its name in the spool, its files in their order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: TransferKind
    name: str = Field(max_length=120)
    files: Annotated[tuple[TransferFile, ...], Field(max_length=MOST_FILES)] = ()

    @model_validator(mode="after")
    def _is_of_its_kind(self) -> Self:
        if _NAMES[self.kind].fullmatch(self.name) is None:
            raise ValueError("no name of its kind")
        if tuple(file.name for file in self.files) != file_names(self.kind, len(self.files)):
            raise ValueError("no files of its kind")
        most = MOST_OCTETS if self.kind is TransferKind.DEPOSIT else MOST_SMALL
        if self.size > most:
            raise ValueError("too large")
        return self

    @property
    def size(self) -> int:
        """The octets of all its files."""
        return sum(file.size for file in self.files)

    @property
    def deposit(self) -> str:
        """The id of a deposit, which ends its name."""
        return self.name.partition("-")[2]

    @property
    def line(self) -> bytes:
        """The manifest as the first line of a body."""
        return self.model_dump_json().encode() + b"\n"


def proof(secret: str, said: bytes) -> str:
    """Returns what only who knows the secret answers to this: a nonce, or a manifest taken in."""
    return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()


def file_names(kind: TransferKind, files: int) -> tuple[str, ...]:
    """Returns the names that so many files of a transfer must have; one too many has none."""
    match kind:
        case TransferKind.DEPOSIT:
            return (CONTENT, *(f"file-{number}" for number in range(files - 1)))
        case TransferKind.SHEET:
            return (SHEET,)
        case TransferKind.STOP:
            return ()


def read_manifest(line: bytes) -> TransferManifest:
    """Reads the first line of a transfer. Raises TransferRefused: it is none of ours."""
    try:
        return TransferManifest.model_validate_json(line)
    except ValidationError:
        raise TransferRefused("manifest") from None
