"""Values of settings in files: in the environment every administrator of the machine sees them.

    VAGUEMESTRE_SECRET_FILE=/run/secrets/secret     one value, one file
    $CREDENTIALS_DIRECTORY/VAGUEMESTRE_SECRET       all of a folder: LoadCredential= of systemd, a
                                                    secret that a cluster mounts

A value that is given in two ways is refused: nobody could say which one holds after a rotation.
"""

import os
from pathlib import Path
from typing import Final

from shared.errors import PermanentFailure

SUFFIX: Final = "_FILE"
FOLDER: Final = "CREDENTIALS_DIRECTORY"
"""The variable by which systemd tells a service where its credentials lie."""
_MOST: Final = 65_536


class SecretFileError(PermanentFailure):
    """Raised when a setting's file can't be read, is empty, or the variable is set as well."""


def path_of(variable: str) -> Path | None:
    """Returns the file that holds a variable's value; `None` when no file is given for it.

    Raises:
        SecretFileError: the value is given in two ways.
    """
    pointed = os.environ.get(f"{variable}{SUFFIX}")
    folder = os.environ.get(FOLDER)
    credential = Path(folder) / variable if folder else None
    given = {
        f"the variable {variable}": variable in os.environ,
        f"{variable}{SUFFIX}": bool(pointed),
        f"a credential in {FOLDER}": credential is not None and credential.exists(),
    }
    ways = [way for way, there in given.items() if there]
    if len(ways) > 1:
        raise SecretFileError(f"{variable} is given twice, by {' and by '.join(ways)}: keep one.")
    if pointed:
        return Path(pointed)
    return credential if credential is not None and credential.exists() else None


def read(variable: str, path: Path) -> str:
    """Reads the value of a variable from its file, without the line's end that an editor adds.

    Raises:
        SecretFileError: the file can't be read, is empty or no text; its content is never shown.
    """
    try:
        with path.open("rb") as file:
            octets = file.read(_MOST + 1)
        text = octets.decode("utf-8-sig").rstrip("\r\n")
    except OSError as error:
        raise SecretFileError(
            f"The file of {variable}, {path}, can't be read ({error.strerror})."
        ) from error
    except UnicodeDecodeError:
        raise SecretFileError(f"The file of {variable}, {path}, is no UTF-8 text.") from None
    if not text or len(octets) > _MOST:
        what = "is empty" if not text else "is too long for a setting"
        raise SecretFileError(f"The file of {variable}, {path}, {what}.")
    return text


def value_of(variable: str) -> str | None:
    """Returns a variable's value, from the environment or its file; `None` when nothing gives it.

    Raises:
        SecretFileError: it is given in two ways, or its file can't be read.
    """
    path = path_of(variable)
    return os.environ.get(variable) if path is None else read(variable, path)
