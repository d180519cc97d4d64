"""The commands of the guide that an installation types: the blocks marked `<!-- essai -->`."""

import re
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.architecture.test_anatomy import PROJECT

GUIDE: Final = PROJECT / "docs/guide/exploitation.md"
_BLOCK: Final = re.compile(r"^<!-- essai -->\n```\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OTHER: Final = r"^<!-- {} -->\n```\n(.*?)^```$"


def blocks(guide: str | None = None) -> Sequence[str]:
    """The marked blocks of the guide, in its order; of another version's, if its text is given."""
    return _BLOCK.findall(guide or GUIDE.read_text(encoding="utf-8"))


def guide_of(release: Path) -> str:
    """The guide that goes with a release."""
    (archive,) = release.glob("vaguemestre-*-deploy.tar")
    with tarfile.open(archive) as files:
        name = next(name for name in files.getnames() if name.endswith("guide/exploitation.md"))
        member = files.extractfile(name)
        assert member is not None
        return member.read().decode()


def image_block() -> str:
    """The lines of the guide that make the image of a release that was unpacked."""
    (found,) = _marked("image", GUIDE.read_text(encoding="utf-8"))
    return found


def upgrade_blocks(guide: str | None = None) -> Sequence[str]:
    """The lines that upgrade, once the software lies beside the former one: rehearsal, then all."""
    return _marked("mise à jour", guide or GUIDE.read_text(encoding="utf-8"))


def drill_blocks(guide: str | None = None) -> Sequence[str]:
    """The lines that make a side place for the drill, and those that hold one at once."""
    return _marked("exercice", guide or GUIDE.read_text(encoding="utf-8"))


def joint_block() -> str:
    """The lines that put four processes of a small préfecture into one."""
    (found,) = _marked("un seul processus", GUIDE.read_text(encoding="utf-8"))
    return found


def encryption_block(guide: str | None = None) -> str:
    """The lines that make a key of files, let it write, and encrypt what lies in clear."""
    (found,) = _marked("chiffrer", guide or GUIDE.read_text(encoding="utf-8"))
    return found


def _marked(mark: str, guide: str) -> Sequence[str]:
    return re.findall(_OTHER.format(mark), guide, re.MULTILINE | re.DOTALL)


def block(word: str) -> str:
    """The one marked block that has a word in it."""
    (found,) = [text for text in blocks() if word in text]
    return found
