"""How the files of a blob store lie on the disk: in clear, or encrypted, and with which keys."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.content.blobs import KEY
from shared.content.encryption import key_id
from shared.content.keyring import Keyring, raw_holds
from shared.errors import TemporaryFailure
from shared.platform import disk_space


@dataclass(frozen=True, slots=True)
class FilesAtRest:
    """The files of a blob store: how many lie in clear, and how many need which key."""

    clear: int = 0
    keys: Mapping[str, int] = field(default_factory=dict)
    """By the key's id."""

    def sentence(self, keyring: Keyring) -> str:
        """Formats the counts in one line, with the key that writes."""
        writes = "no key writes" if keyring.current is None else f"key {keyring.current.id}"
        others = ", ".join(
            f"{files} under {key}"
            for key, files in sorted(self.keys.items())
            if keyring.current is None or key != keyring.current.id
        )
        more = f", {others}" if others else ""
        return f"encrypted at rest: {writes}, {self.clear} files still in clear{more}"


def blob_paths(folder: Path) -> Iterator[Path]:
    """Yields the path of each blob below the folder of a blob store.

    Blocks the calling thread. Raises TemporaryFailure: the disk can't be read now.
    """
    try:
        for path in disk_space.files_below(folder):
            if KEY.fullmatch(str(path.relative_to(folder))):
                yield path
    except OSError as error:
        raise TemporaryFailure(f"{folder}: {disk_space.advice(error)}.") from error


def needed_key(path: Path, keyring: Keyring) -> str | None:
    """Returns the id of the key that a blob needs; `None` for one in clear.

    A file that names a key which the keyring lacks, and has as it lies there the hash of its name,
    is in clear: a stranger made it so. Raises OSError.
    """
    found = key_id(path)
    if found is None or found in keyring.ids:
        return found
    return None if raw_holds(path, path.name) else found


def files_at_rest(folder: Path, keyring: Keyring) -> FilesAtRest:
    """Counts the files of a blob store by the key that each needs; blocks the calling thread.

    Raises TemporaryFailure: the disk can't be read now.
    """
    clear, keys = 0, Counter[str]()
    for path in blob_paths(folder):
        try:
            needed = needed_key(path, keyring)
        except FileNotFoundError:  # erased meanwhile
            continue
        except OSError as error:
            raise TemporaryFailure(f"{path}: {disk_space.advice(error)}.") from error
        if needed is None:
            clear += 1
        else:
            keys[needed] += 1
    return FilesAtRest(clear, keys)
