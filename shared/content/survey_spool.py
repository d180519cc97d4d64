"""The spool of the survey: how the public's page hands the register a sheet without waiting for it.

A sheet is a file in a folder of the form's spool that ingest passes by. It has no name, no address
and no hour; its file's time is gone with it, once the register has taken it in. Everything here
blocks: call it in a thread.
"""

import os
import random
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.content import spool_files
from shared.content.encryption import WritingKey
from shared.content.keyring import IN_CLEAR, KeyDestroyed, KeyMissing, Keyring
from shared.errors import TemporaryFailure
from shared.facts.vocabulary import SurveyChannel
from shared.platform import disk_space

FOLDER: Final = ".survey"
"""Below the spool; ingest passes by whatever begins with a dot."""
LONGEST: Final = 2_000
"""Letters of what is written freely."""
MOST_OCTETS: Final = 50_000
_PART, _BAD, _LATE, _MARK = ".part", ".bad", ".late", ".mark"

AnswerNumber = Annotated[int, Field(ge=0, le=4)]


class SurveySheet(BaseModel):
    """A sheet (filled questionnaire) of the satisfaction survey, as the public's page took it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sheet_id: UUID
    """Of the page that was opened: sent twice, it is one sheet."""
    campaign: int
    channel: SurveyChannel
    place: str = Field(pattern=r"^[a-z0-9_.-]{0,63}$")
    week: str = Field(pattern=r"^\d{4}-W\d{2}$")
    answers: tuple[AnswerNumber | None, ...] = Field(max_length=15)
    free_text: str = Field(default="", max_length=LONGEST)


def put(spool: Path, sheet: SurveySheet, key: WritingKey | None = None) -> None:
    """Writes a survey sheet into the spool; returns once it is on the disk (idempotent).

    With a key it is encrypted. Raises TemporaryFailure: the disk is full, read-only or away.
    """
    put_octets(spool, sheet.sheet_id, sheet.model_dump_json().encode(), key)


def put_octets(spool: Path, sheet: UUID, octets: bytes, key: WritingKey | None = None) -> None:
    """Writes the octets of a survey sheet's file into the spool, as `put` does."""
    folder = spool / FOLDER
    part = folder / f"{uuid4().hex}{_PART}"
    try:
        if not folder.exists():
            spool.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.mkdir(mode=spool_files.folder_mode(spool), exist_ok=True)
        spool_files.write(part, octets, key)
        part.rename(folder / f"{sheet}.json")
        disk_space.sync(folder)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise trouble(folder, error) from error


def read(spool: Path, most: int, keyring: Keyring = IN_CLEAR) -> Sequence[SurveySheet]:
    """Reads at most `most` survey sheets from the spool, in random order; none without its folder.

    A file that is no sheet, or whose key was destroyed, is renamed, so that it is not read again.
    One whose key is missing waits, and hinders no other: it raises only when all that wait do so.

    Raises:
        KeyMissing: no sheet can be read, and one needs a key that the keyring has not; it waits.
        TemporaryFailure: the disk can't be read now.
    """
    folder = spool / FOLDER
    try:
        paths = [path for path in folder.iterdir() if path.suffix == ".json"]
        random.SystemRandom().shuffle(paths)
        return _readable(paths, most, keyring)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise trouble(folder, error) from error


def _readable(paths: Iterable[Path], most: int, keyring: Keyring) -> Sequence[SurveySheet]:
    found, missing = list[SurveySheet](), None
    for path in paths:
        if len(found) == most:
            break
        try:
            sheet = _sheet(path, keyring)
        except KeyMissing as failure:
            missing = failure
        else:
            found += [] if sheet is None else [sheet]
    if missing is not None and not found:
        raise missing
    return found


def _sheet(path: Path, keyring: Keyring) -> SurveySheet | None:
    if not stat.S_ISREG(path.lstat().st_mode):  # a pipe would be waited for
        path.rename(path.with_suffix(_BAD))
        return None
    try:
        sheet = SurveySheet.model_validate_json(spool_files.read(path, keyring, MOST_OCTETS))
    except (ValidationError, KeyDestroyed):
        sheet = None
    if sheet is None or path.stem != str(sheet.sheet_id):
        path.rename(path.with_suffix(_BAD))
        return None
    return sheet


def oldest(spool: Path) -> datetime | None:
    """Returns the moment when the oldest survey sheet in the spool was written, or `None`.

    Raises:
        TemporaryFailure: the disk can't be read now.
    """
    found = list[float]()
    try:
        for path in (spool / FOLDER).glob("*.json"):
            try:
                found.append(path.stat().st_mtime)
            except FileNotFoundError:
                continue  # taken in meanwhile
    except OSError as error:
        raise trouble(spool / FOLDER, error) from error
    return datetime.fromtimestamp(min(found), UTC) if found else None


def mark(spool: Path, campaign: int) -> None:
    """Writes an empty marker file of a survey campaign into the spool (idempotent).

    While it is there, the register knows that it still looks at the same disk.

    Raises:
        TemporaryFailure: the disk can't be written now.
    """
    folder = spool / FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / f"{campaign}{_MARK}").touch()
    except OSError as error:
        raise trouble(folder, error) from error


def marked_campaigns(spool: Path) -> frozenset[int]:
    """Returns the survey campaigns with a marker file in the spool; none if it has no folder.

    Raises:
        TemporaryFailure: the disk can't be read now.
    """
    folder = spool / FOLDER
    try:
        names = [path.stem for path in folder.iterdir() if path.suffix == _MARK]
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        raise trouble(folder, error) from error
    return frozenset(int(name) for name in names if name.isdecimal())


def set_aside(spool: Path, sheets: Iterable[SurveySheet]) -> None:
    """Renames survey sheets that no campaign takes, so that they stay only to be counted.

    Their free text and the time of the file are erased. Idempotent.

    Raises:
        TemporaryFailure: the disk can't be written now.
    """
    folder = spool / FOLDER
    try:
        for sheet in sheets:
            path = folder / f"{sheet.sheet_id}.json"
            aside = path.with_suffix(_LATE)
            aside.write_text(sheet.model_copy(update={"free_text": ""}).model_dump_json())
            os.utime(aside, (0, 0))
            path.unlink(missing_ok=True)
    except OSError as error:
        raise trouble(folder, error) from error


def remove(spool: Path, sheets: Iterable[SurveySheet]) -> None:
    """Deletes survey sheets that the register has by now from the spool; twice does nothing.

    Raises:
        TemporaryFailure: the disk can't be written now.
    """
    folder = spool / FOLDER
    try:
        for sheet in sheets:
            (folder / f"{sheet.sheet_id}.json").unlink(missing_ok=True)
    except OSError as error:
        raise trouble(folder, error) from error


def trouble(folder: Path, error: OSError) -> TemporaryFailure:
    """Makes the failure to raise for a disk error in the survey's folder; it says what to do."""
    return TemporaryFailure(f"Survey {folder}: {disk_space.advice(error)}.")
