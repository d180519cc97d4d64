"""The licence of each dependency, as its distribution states it: `python -m deploy.licences`.

Lists what `requirements.lock` names, one line each: name, version, licence. Where no field of its
metadata names one, the file of its distribution that does is named, for a person to look it up.
"""

import re
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

LOCK = Path(__file__).parents[1] / "requirements.lock"
_CLASSIFIER = "License :: OSI Approved :: "
_LONGEST = 60
"""A `License` field of more letters holds the text itself; its first line names it."""


def licences() -> Iterator[tuple[str, str, str]]:
    """Yields name, version and licence of each locked package that is installed here."""
    locked = re.findall(r"^([a-z0-9._-]+)==", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    for name in dict.fromkeys(locked):  # one name may have a line for each Python
        try:
            said = metadata(name)
        except PackageNotFoundError:  # of another platform, or another Python
            continue
        yield name, said["Version"], _licence(said)


def _licence(said: PackageMetadata) -> str:
    def fields(name: str) -> list[str]:
        return said.get_all(name) or []

    classified = [
        line.removeprefix(_CLASSIFIER)
        for line in fields("Classifier")
        if line.startswith(_CLASSIFIER)
    ]
    short = [text.strip().splitlines()[0][:_LONGEST] for text in fields("License") if text.strip()]
    files = ", ".join(fields("License-File")) or "nowhere"
    named = [*fields("License-Expression"), " / ".join(classified), *short]
    return next(filter(None, named), f"(see {files})")


def main() -> None:
    """Prints the licences of all dependencies."""
    for name, version, licence in licences():
        print(f"{name:42} {version:18} {licence}")  # noqa: T201  (a list for a terminal)


if __name__ == "__main__":
    main()
