"""What a bucket's server answered instead of doing what it was asked, in words for a person.

Nothing else of an answer is repeated than its code: it may name keys, or what was signed.
"""

import re
from typing import Final

from obstore.exceptions import PermissionDeniedError, UnauthenticatedError

_CODE: Final = re.compile(r"<Code>(\w{1,60})</Code>")
_STATUS: Final = re.compile(r"\b([45]\d\d) [A-Z]")
_ADVICE: Final = {
    "NoSuchBucket": "there is no such bucket: create it, or correct VAGUEMESTRE_BUCKET",
    "InvalidAccessKeyId": "it does not know this key: correct VAGUEMESTRE_BUCKET_KEY",
    "SignatureDoesNotMatch": "the secret is wrong: correct VAGUEMESTRE_BUCKET_SECRET",
    "RequestTimeTooSkewed": "the clock of this machine, or the server's, is wrong: set it",
    "AccessDenied": "it refuses: let this key list the bucket, and read, write and delete there",
    "SlowDown": "it asks to slow down: it is tried again",
    "QuotaExceeded": "its quota is reached: raise it",
}
"""By the code of the server's answer; nothing else of an answer is repeated, which names keys."""


def code_of(error: Exception) -> str:
    """Returns the code of the server's answer, such as `NoSuchKey`; `""` without one."""
    found = _CODE.search(str(error))
    return found[1] if found else ""


def reason(error: Exception) -> str:
    """Returns what is wrong with a bucket and what to do, without capital or full stop."""
    code, said = code_of(error), str(error)
    if code in _ADVICE:
        return f"{_ADVICE[code]} ({code})"
    status = found[1] if (found := _STATUS.search(said)) else ""
    if isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return f"it refuses: look at its key and rights ({code or status or 'refused'})"
    if code or status:
        return f"it answers with an error: look at it ({code or status})"
    return "it can't be reached, or broke off: look at it and at the network"
