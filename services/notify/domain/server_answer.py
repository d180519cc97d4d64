"""What is kept of a mail server's answer: its codes and its own queue number, nothing else it says.

Its words may hold an address or our Message-ID; with the number its administrator finds the mail in
its log, which is the proof that it was taken.
"""

import re
from typing import Final

from shared.facts.vocabulary import ServerAnswer

_STATUS: Final = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b", re.ASCII)
_NAME: Final = r"([A-Za-z0-9][A-Za-z0-9.-]{3,63})(?![\w.@-])"
_QUEUED: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bqueued (?:mail )?as:? {_NAME}",  # Postfix, Haraka
        rf"\bid={_NAME}",  # Exim
        rf"\bInternalId={_NAME}",  # Exchange
        rf"^{_NAME} Message accepted\b",  # Sendmail
        rf"\b{_NAME} - gsmtp\b",  # Google
    )
)


def stored_answer(code: int, words: str) -> ServerAnswer:
    """Returns the part of a mail server's answer to store: its codes and its queue number."""
    found = _STATUS.match(words)
    rest = words[found.end() :].strip() if found else words.strip()
    named = (pattern.search(rest) for pattern in _QUEUED)
    queued = next((code[1] for code in named if code is not None), None)
    parts = (f"{code:03}", found[1] if found else None, queued)
    return " ".join(part for part in parts if part)
