"""The child that reads mails; see shared/platform/child.py and services/ingest/mail_parser.py.

{"do": "read"}, {"do": "read_plainly"}           and the mail's octets → {"mail": {…}}
{"do": "unread", "reason": "mail-too-large"}     and its beginning     → {"unreadable": {…}}
"""

# What reading imports when it is first needed: a confined process can't.
import email.generator
import email.parser  # noqa: F401  (with email.header; here, while files can still be read)
from collections.abc import Mapping
from typing import Any

import inscriptis  # noqa: F401  (as above)

from services.ingest.domain.full_mail import read_plainly, read_whole
from services.ingest.domain.mail import Mail, unread
from shared.content import charsets

charsets.load()


def answer(request: Mapping[str, Any], octets: bytes) -> tuple[object, bytes]:
    """Parses, in the sandboxed child process, the email of a request of `mail_parser.py`."""
    match request["do"]:
        case "read":
            found = read_whole(octets)
        case "read_plainly":
            found = read_plainly(octets)
        case "unread":
            found = unread(octets, request["reason"])
        case other:
            raise AssertionError(other)
    return {"mail" if isinstance(found, Mail) else "unreadable": found}, b""
