"""The child that reads attached files; see shared/platform/child.py and attachment_reader.py.

{"do": "read", "parts": [1, 2]}     and the mail's octets → {pieces: [{path, name, …}, …], seconds}
{"do": "content", "path": [1, 0]}   and the mail's octets → null, and the octets of that file
"""

# What Python's parsers import when they are first needed: a confined process can't.
import email.feedparser
import email.generator
import email.header
import email.parser  # noqa: F401  (imported here, while files can still be read)
import zlib  # noqa: F401  (imported here, while files can still be read)
from collections.abc import Mapping
from typing import Any

import inscriptis  # noqa: F401  (as above)

from services.ingest.attachment_process.file_reader import content, files_read
from shared.content import charsets

charsets.load()


def answer(request: Mapping[str, Any], octets: bytes) -> tuple[object, bytes]:
    """Answers a request in the sandboxed child process: reads attached files, or extracts one."""
    match request["do"]:
        case "read":
            return files_read(octets, request["parts"]), b""
        case "content":
            return None, content(octets, request["path"])
        case other:
            raise AssertionError(other)
