"""Templates that were compiled once are not compiled again, whoever draws them in this process."""

from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class _Compiled(BytecodeCache):
    """What was compiled, by its text: when one template of a site changes, one is compiled.

    The code itself, which every environment that draws the template then shares: its octets beside
    it would be the same again.
    """

    _MOST = 500

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Loads a compiled template, as jinja2 asks."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Stores a compiled template, as jinja2 asks."""
        if len(self._kept) >= self._MOST:
            self._kept.clear()
        self._kept[bucket.key, bucket.checksum] = bucket.code


COMPILED = _Compiled()
