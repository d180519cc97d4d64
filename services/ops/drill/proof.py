"""The proof of a restored copy: what each night proves of the register, by a process of its own.

The command of the register is run as an operator would run it on a restored site: the copy's
address and the keyring are all that it is given, so that no variable of the live one reaches it.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from shared.content.keyring import IN_CLEAR, Keyring
from shared.errors import PermanentFailure
from shared.platform.secret_files import FOLDER, SUFFIX
from shared.platform.settings import PREFIX

_WORDS: Final = ("-m", "services", "desk", "evidence", "verify", "--all", "--json")
_SAID: Final = 500


@dataclass(frozen=True, slots=True)
class CopyProof:
    """The result of verifying a restored copy: counts of what was checked, and the differences."""

    items: int
    clocks: int
    checked: str
    """The number of documents, months, chains and roots, in words."""
    differ: int
    differences: Sequence[str]


async def prove(side: SecretStr, folder: Path, keyring: Keyring = IN_CLEAR) -> CopyProof:
    """Verifies the restored database with the originals below `folder`.

    Raises:
        PermanentFailure: the verifying command failed without a result.
    """
    address = folder / "address"
    descriptor = os.open(address, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(side.get_secret_value())
    # In memory: a backup that is kept has no key beside it, whatever happens to us.
    keys = os.memfd_create("keyring", 0)
    try:
        os.write(keys, keyring.text.encode())
        child = await asyncio.create_subprocess_exec(
            sys.executable, *_WORDS, env=_environment(folder, address, keys), pass_fds=(keys,),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            answer, said = await child.communicate()
        except asyncio.CancelledError:
            child.terminate()
            await child.wait()
            raise
    finally:
        address.unlink()
        os.close(keys)
    try:
        return _read(json.loads(answer))
    except (ValueError, KeyError) as error:
        why = said.decode("utf-8", "replace").strip()[-_SAID:]
        raise PermanentFailure(f"The copy could not be verified: {why}") from error


def _environment(folder: Path, address: Path, keys: int) -> Mapping[str, str]:
    others = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(PREFIX) and name != FOLDER
    }
    return others | {
        f"{PREFIX}DATABASE_URL{SUFFIX}": str(address),
        f"{PREFIX}KEYRING{SUFFIX}": f"/dev/fd/{keys}",
        f"{PREFIX}BLOBS": str(folder / "blobs"),
        f"{PREFIX}SPOOL": str(folder / "spool"),
        f"{PREFIX}DATA": str(folder / "no-stack"),
        f"{PREFIX}SECRET": "none: the proof asks for no signature",
    }


def _read(said: Mapping[str, Any]) -> CopyProof:
    return CopyProof(
        items=said["items"],
        clocks=said["clocks"],
        checked=said["checked"],
        differ=said["differ"],
        differences=said["differences"],
    )
