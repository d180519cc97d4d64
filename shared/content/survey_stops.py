"""The refusals of the survey's mails: how the public's page hands the register a token.

An empty file in the survey's folder of the spool, named by the signed token of the mail's link: the
portal knows no secret, so that the register judges it. Everything here blocks: call it in a thread.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from shared.content.site_keys import SIGNATURE
from shared.content.spool_files import folder_mode
from shared.content.survey_spool import FOLDER, trouble
from shared.platform import disk_space

TOKEN: Final = re.compile(rf"[0-9a-f]{{32}}{SIGNATURE.lower()}")
MOST: Final = 500
"""Tokens that one look takes in."""
_STOP: Final = ".stop"


def put(spool: Path, token: str) -> None:
    """Writes a person's refusal of survey emails, by its token, into the spool (idempotent).

    Returns once it is on the disk. Raises ValueError: it has not the shape of a token;
    TemporaryFailure: the disk is full, read-only or away.
    """
    if TOKEN.fullmatch(token) is None:
        raise ValueError("not a token of ours")
    folder = spool / FOLDER
    try:
        if not folder.exists():
            spool.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.mkdir(mode=folder_mode(spool), exist_ok=True)
        (folder / f"{token}{_STOP}").touch()
        disk_space.sync(folder)
    except OSError as error:
        raise trouble(folder, error) from error


def read(spool: Path) -> Sequence[str]:
    """Reads at most 500 tokens, each a person's refusal of survey emails, from the spool.

    None without a spool. Raises TemporaryFailure: the disk can't be read now.
    """
    folder = spool / FOLDER
    try:
        names = sorted(path.stem for path in folder.iterdir() if path.suffix == _STOP)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise trouble(folder, error) from error
    return [name for name in names if TOKEN.fullmatch(name)][:MOST]


def remove(spool: Path, taken: Iterable[str]) -> None:
    """Deletes refusals (tokens) of survey emails from the spool; twice does nothing.

    The register has them by then. Raises TemporaryFailure: the disk can't be written now.
    """
    folder = spool / FOLDER
    try:
        for token in taken:
            (folder / f"{token}{_STOP}").unlink(missing_ok=True)
    except OSError as error:
        raise trouble(folder, error) from error
