"""The child that finds who signed a mail; see shared/platform/child.py and signature_reader.py.

{"do": "signatures", "roots": "-----BEGIN…", "sender": "ana@…"}  and the mail's octets
→ [{name, issuer, chain, …}, …]
"""

# What Python's parsers import when they are first needed: a confined process can't.
import email.feedparser
import email.generator
import email.header
import email.parser  # noqa: F401  (imported here, while files can still be read)
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.backends.openssl import backend  # noqa: F401  (loads what it needs now)

from services.ingest.signature_process.signers import signatures
from shared.content import charsets

charsets.load()


def answer(request: Mapping[str, Any], octets: bytes) -> tuple[object, bytes]:
    """Finds, in the sandboxed child process, who signed a mail."""
    if request["do"] != "signatures":
        raise AssertionError(request["do"])
    return signatures(octets, request["roots"].encode(), request["sender"]), b""
