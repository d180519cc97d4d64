"""The commands of the guide that an installation types: the blocks marked `<!-- essai -->`."""

import re
from collections.abc import Sequence
from typing import Final

from tests.architecture.test_anatomy import PROJECT

GUIDE: Final = PROJECT / "docs/guide/exploitation.md"
_BLOCK: Final = re.compile(r"^<!-- essai -->\n```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> Sequence[str]:
    """The marked blocks of the guide, in its order."""
    return _BLOCK.findall(GUIDE.read_text(encoding="utf-8"))


def block(word: str) -> str:
    """The one marked block that has a word in it."""
    (found,) = [text for text in blocks() if word in text]
    return found
