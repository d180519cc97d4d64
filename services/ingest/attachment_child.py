"""The child that reads attached files; see shared/platform/child.py and attachment_reader.py.

{"do": "read", "parts": [1, 2]}     and the mail's octets → [{path, name, text, picture, reason}, …]
{"do": "content", "path": [1, 0]}   and the mail's octets → null, and the octets of that file
"""

# What Python's parsers import when they are first needed: a confined process can't.
import zlib  # noqa: F401  (imported here, while files can still be read)
from collections.abc import Mapping
from typing import Any

from services.ingest.attachment_process.file_reader import content, pieces
from shared.content import charsets

charsets.load()


def answer(request: Mapping[str, Any], octets: bytes) -> tuple[object, bytes]:
    """Reads, in the sandboxed child process, attached files of a mail."""
    match request["do"]:
        case "read":
            return pieces(octets, request["parts"]), b""
        case "content":
            return None, content(octets, request["path"])
        case other:
            raise AssertionError(other)
