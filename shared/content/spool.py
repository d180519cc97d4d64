"""The spool: how a page hands ingest what came in through it, without waiting for it.

A deposit is one folder, `<moment>-<id>`: `deposit.json` and the files it names. It is written under
a name that starts with a dot, synced, then renamed: a deposit that is seen is whole. Ingest removes
it after the transaction that keeps it has committed, so a crash on either side repeats it and the
deposit's id makes the repetition harmless. The spool lies on the same disk for both. With a key its
files are encrypted (spool_files.py), except a request, which names nobody outside.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.content import spool_files
from shared.content.encryption import WritingKey, key_id
from shared.content.keyring import IN_CLEAR, Keyring
from shared.content.mime_fields import shorten_name
from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.envelope import ArrivalId, Chrono, Digest, PersonId, ServiceId, Shell, Via
from shared.facts.vocabulary import Channel, Theme
from shared.platform import disk_space

SOURCE = "spool"
"""The source of what comes in by it: an arrival's id follows from it."""
CONTENT = "deposit.json"
MOST_JSON = 2_000_000
_MOST_OF_REQUEST = 4_000
REQUESTS: Final = frozenset({"reread", "search_sent"})
"""Kinds that ask for work and bring nothing in."""
_DONE = ".done"
_NOT_WHOLE: Final = "This folder of the spool is no whole deposit."


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SpoolFile(_Frozen):
    """The description of a deposit's file in the spool, whose octets lie in `file-<number>`."""

    name: str = Field(max_length=250)
    """As the person's computer named it: shown, never a path."""
    media_type: str = Field(max_length=250)
    sha256: Digest
    size: int = Field(ge=0)
    unlooked: bool = False
    """The préfecture has an antivirus, and it could not look at this file."""
    too_large: bool = Field(default=False, exclude=True)  # a former version reads the spool too


class _Deposit(_Frozen):
    id: UUID
    at: AwareDatetime
    """When the page took it, by the writer's clock."""
    files: tuple[SpoolFile, ...] = ()


class FollowedNumber(_Frozen):
    """The number of a letter and the code of its receipt, as somebody typed them on the portal."""

    chrono: Chrono
    code: str = Field(max_length=20)


class FormDeposit(_Deposit):
    """A deposit from the public form: what a person entered, to be put into the spool."""

    kind: Literal["form"] = "form"
    name: str = Field(default="", max_length=250)
    email: str = Field(default="", max_length=254)
    postal: str = Field(default="", max_length=1000)
    subject: str = Field(default="", max_length=1000)
    text: str = Field(max_length=200_000)
    service: ServiceId | None = None
    complaint: bool = False
    suggestion: bool = False
    theme: Theme | None = None
    about_agent: bool = False
    """It speaks of somebody of ours: réservé, whatever else it says."""
    follows: FollowedNumber | None = Field(default=None, exclude_if=lambda value: value is None)
    """The letter to which it adds something, believed once ingest has verified the code.

    Not written where there is none: an ingest of the version before refuses fields that it does not
    know, and takes a plain message in while one portal of the next already runs.
    """
    application: str | None = Field(default=None, max_length=64, exclude_if=lambda key: key is None)
    """The key of the program that handed it in; not written where a person did, as above."""


class UploadDeposit(_Deposit):
    """A deposit of papers or emails that one of our people uploaded on a page."""

    kind: Literal["upload"] = "upload"
    by: PersonId
    channel: Channel
    service: ServiceId | None = None
    received_on: AwareDatetime | None = None
    """When the préfecture received it, if the person knows; else first seen, provisional."""


class RereadRequest(_Deposit):
    """A request in the spool to judge an arrival again, by the rules that are applied now."""

    kind: Literal["reread"] = "reread"
    arrival_id: ArrivalId
    by: PersonId
    via: Via | None = None
    shell: Shell | None = None


class SearchSentRequest(_Deposit):
    """Request in the spool to search a service's Sent folders again for replies.

    Searched are the emails of `since` and later, and those of the day before.
    """

    kind: Literal["search_sent"] = "search_sent"
    service: ServiceId
    since: AwareDatetime


SpooledRequest = FormDeposit | UploadDeposit | RereadRequest | SearchSentRequest

_DEPOSIT: TypeAdapter[SpooledRequest] = TypeAdapter(
    Annotated[SpooledRequest, Field(discriminator="kind")]
)


def spool_file(name: str, media_type: str, content: bytes) -> SpoolFile:
    """Makes the description of a deposit's file: name, media type, size and SHA-256."""
    digest = Digest(hashlib.sha256(content).hexdigest())
    return SpoolFile(
        name=shorten_name(name), media_type=media_type, sha256=digest, size=len(content)
    )


def deposit(
    spool: Path, what: SpooledRequest, contents: Iterable[bytes] = (), key: WritingKey | None = None
) -> None:
    """Writes a deposit into the spool; returns once it is on the disk.

    Blocks the calling thread. `spool`: the folder that ingest reads. `what`: the deposit;
    writing one id twice is writing it once. `contents`: the octets of `what.files`, in their
    order. `key`: what encrypts it; `None`: it lies in clear, as requests always do.

    Raises TemporaryFailure: the disk is full, read-only or away; PermanentFailure: the contents
    are not those that the deposit describes.
    """
    octets = list(contents)
    found = [hashlib.sha256(content).hexdigest() for content in octets]
    if found != [file.sha256 for file in what.files]:
        raise PermanentFailure("The files are not those that the deposit describes.")
    final = spool / f"{what.at:%Y%m%dT%H%M%S}-{what.id}"
    temporary = spool / f".{uuid4().hex}{spool_files.PART}"
    try:
        if not spool.exists():
            spool.mkdir(mode=0o700, parents=True, exist_ok=True)
            disk_space.sync(spool.parent)
        if any(spool.glob(f"*-{what.id}")):
            # Who put it there may have been killed before the disk had its name.
            disk_space.sync(spool)
            return
        temporary.mkdir(mode=spool_files.folder_mode(spool))
        for number, content in enumerate(octets):
            spool_files.write(temporary / f"file-{number}", content, key)
        written = what.model_dump_json().encode()
        own = None if what.kind in REQUESTS else key
        spool_files.write(temporary / CONTENT, written, own)
        disk_space.sync(temporary)
        spool_files.place(temporary, final)
        disk_space.sync(spool)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise trouble(spool, error) from error


def waiting_folders(spool: Path) -> list[Path]:
    """Lists the folders of deposits that wait in the spool, oldest first.

    Empty when there is no spool yet.

    Raises TemporaryFailure: the spool can't be read now.
    """
    try:
        return sorted(path for path in spool.iterdir() if path.is_dir() and path.name[0] != ".")
    except FileNotFoundError:
        return []
    except OSError as error:
        raise trouble(spool, error) from error


def oldest(spool: Path) -> datetime | None:
    """Returns the moment at which the oldest deposit waiting in the spool was written, or `None`.

    Requests to look again at what came in are no deposits: one may wait for its mailbox.

    Raises TemporaryFailure: the spool can't be read now.
    """
    for folder in waiting_folders(spool):
        try:
            if not _is_request(folder):
                return datetime.fromtimestamp(folder.stat().st_mtime, UTC)
        except FileNotFoundError:
            continue  # taken in meanwhile
        except OSError as error:
            raise trouble(spool, error) from error
    return None


def _is_request(folder: Path) -> bool:
    """Whether the folder holds a request and no deposit; what can't be read counts as a deposit."""
    try:
        with (folder / CONTENT).open("rb") as file:
            start = file.read(_MOST_OF_REQUEST + 1)
    except FileNotFoundError:
        return False
    if len(start) > _MOST_OF_REQUEST:
        return False
    try:
        kind = json.loads(start)["kind"]
    except (ValueError, KeyError, TypeError):
        return False
    return kind in REQUESTS


def read(folder: Path, keyring: Keyring = IN_CLEAR) -> tuple[SpooledRequest, Mapping[str, bytes]]:
    """Reads a deposit of the spool and its files, by SHA-256, and verifies their hashes.

    Raises:
        PermanentFailure: it is no deposit, or its files are not those it names.
        KeyDestroyed: it is encrypted with a key that was destroyed, permanently.
        KeyMissing: it is encrypted with a key that the keyring has not; it waits.
        TemporaryFailure: the disk can't be read now.
    """
    what = read_description(folder, keyring)
    try:
        octets = {
            file.sha256: keyring.content(folder / f"file-{number}", file.sha256)
            for number, file in enumerate(what.files)
        }
    except FileNotFoundError as error:
        raise PermanentFailure(_NOT_WHOLE) from error
    except OSError as error:
        raise trouble(folder, error) from error
    contents = {str(name): content for name, content in octets.items() if content is not None}
    if len(contents) < len(octets):
        raise PermanentFailure("The files of this deposit are not those that it names.")
    return what, contents


def read_description(folder: Path, keyring: Keyring = IN_CLEAR) -> SpooledRequest:
    """Reads what a deposit of the spool says of itself; raises as `read` does."""
    path = folder / CONTENT
    try:
        what = _DEPOSIT.validate_json(spool_files.read(path, keyring, MOST_JSON))
        if what.kind not in REQUESTS or key_id(path) is None:
            return what
    except (FileNotFoundError, ValidationError) as error:
        raise PermanentFailure(_NOT_WHOLE) from error
    except OSError as error:
        raise trouble(folder, error) from error
    raise PermanentFailure("A request is never encrypted.")  # by a portal's half of a key


def remove(folder: Path) -> None:
    """Deletes a deposit from the spool, once it is stored elsewhere; twice does nothing.

    Raises TemporaryFailure: the spool can't be written to now.
    """
    done = folder.with_name(f".{folder.name}{_DONE}")
    try:
        folder.rename(done)
    except FileNotFoundError:
        return
    except OSError as error:
        raise trouble(folder.parent, error) from error
    shutil.rmtree(done, ignore_errors=True)


def sweep(spool: Path, now: datetime) -> None:
    """Deletes remains in the spool: deposits half written over a day ago, and half deleted ones."""
    yesterday = (now - timedelta(days=1)).timestamp()
    for left in spool.glob(".*"):
        with suppress(OSError):
            stale = left.name.endswith(spool_files.PART) and left.stat().st_mtime < yesterday
            if stale or left.name.endswith(_DONE):
                shutil.rmtree(left, ignore_errors=True)


def trouble(spool: Path, error: OSError) -> TemporaryFailure:
    """Makes the failure to raise for a disk error in the spool; it says what to do."""
    return TemporaryFailure(f"Spool {spool}: {disk_space.advice(error)}.")
