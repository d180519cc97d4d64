"""The commands of the guide that an installation types: the blocks marked `<!-- essai -->`."""

import re
from collections.abc import Sequence
from typing import Final

from tests.architecture.test_anatomy import PROJECT

GUIDE: Final = PROJECT / "docs/guide/exploitation.md"
_BLOCK: Final = re.compile(r"^<!-- essai -->\n```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OTHER: Final = r"^<!-- {} -->\n```\n(.*?)^```$"


def blocks() -> Sequence[str]:
    """The marked blocks of the guide, in its order."""
    return _BLOCK.findall(GUIDE.read_text(encoding="utf-8"))


def image_block() -> str:
    """The lines of the guide that make the image of a release that was unpacked."""
    return _only("image")


def upgrade_block() -> str:
    """The lines of the guide that upgrade, once the software lies beside the former one."""
    return _only("mise à jour")


def _only(mark: str) -> str:
    pattern = re.compile(_OTHER.format(mark), re.MULTILINE | re.DOTALL)
    (found,) = pattern.findall(GUIDE.read_text(encoding="utf-8"))
    return str(found)


def block(word: str) -> str:
    """The one marked block that has a word in it."""
    (found,) = [text for text in blocks() if word in text]
    return found
