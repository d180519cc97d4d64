"""What a migration since the last release may not do to a register that works.

Read by words, not run: the rules are about locks and about the program before, which one database
does not show. Bodies of functions are left out; they lock nothing until they are called.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

CONTRACTS: Final[Mapping[str, str]] = {
    r"\bDROP\s+TABLE\b": "a table goes",
    r"\bDROP\s+COLUMN\b": "a column goes",
    r"\bDROP\s+SCHEMA\b": "a schema goes",
    r"\bRENAME\b": "something gets another name",
    r"\bSET\s+NOT\s+NULL\b": "a column may not be empty any more",
    r"\bADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?\w+\s+(?:(?!\bDEFAULT\b)[^,;])*\bNOT\s+NULL\b"
    r"(?![^,;]*\b(?:DEFAULT|GENERATED)\b)": "a column that the program before does not fill",
}
"""What the program before may still need: only with `-- min_version: N` in the head."""
WAITS: Final[Mapping[str, str]] = {
    r"\bALTER\s+(?:COLUMN\s+)?\w+\s+(?:SET\s+DATA\s+)?TYPE\b": "the table is written anew",
    r"\bADD\s+(?:COLUMN\s+)?\w+[^,;]*\bDEFAULT\s+"
    r"(?:clock_timestamp|random|gen_random_uuid|uuidv7)": "the table is written anew",
    r"\bADD\s+(?:COLUMN\s+)?\w+[^,;]*\bGENERATED\s+ALWAYS\s+AS\b[^,;]*\bSTORED\b": (
        "the table is written anew"
    ),
    r"\b(?:VACUUM\s+FULL|CLUSTER)\b": "the table is written anew",
    r"\bLOCK\s+TABLE\b": "others wait",
}
"""What makes others wait for as long as a table is large: only with `-- waits: WHY`."""
_INDEX = re.compile(
    r"\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)[^;]*?\bON\s+(?:ONLY\s+)?([\w.]+)",
    re.IGNORECASE,
)
_TABLE = re.compile(r"\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?([\w.]+)", re.IGNORECASE)
_BODY = re.compile(r"\$(\w*)\$.*?\$\1\$", re.DOTALL)
_COMMENT = re.compile(r"--[^\n]*")
_MIN_VERSION = re.compile(r"^-- min_version: \d+$", re.MULTILINE)
_SAID_WHY = re.compile(r"^-- waits: \w.*$", re.MULTILINE)


def faults(sql: str) -> Iterator[str]:
    """Says what a migration's SQL does that a running register does not bear."""
    words = _COMMENT.sub("", _BODY.sub("''", sql))
    made = set(_TABLE.findall(words))
    statements = [part for part in words.split(";") if not _is_about(part, made)]
    if not _MIN_VERSION.search(sql):
        for pattern, what in CONTRACTS.items():
            if any(re.search(pattern, part, re.IGNORECASE) for part in statements):
                yield f"{what}: wait for a release, and say min_version"
    if not _SAID_WHY.search(sql):
        for pattern, what in WAITS.items():
            if any(re.search(pattern, part, re.IGNORECASE) for part in statements):
                yield f"{what}: say why that is bearable (-- waits: …)"
        for table in _INDEX.findall(words):
            if table not in made:
                yield f"an index on {table} stops its writers: -- online, CONCURRENTLY"


def _is_about(statement: str, made: set[str]) -> bool:
    """Whether a statement changes a table that the same file makes: nobody uses it yet."""
    found = re.match(r"\s*ALTER\s+TABLE\s+(?:ONLY\s+)?([\w.]+)", statement, re.IGNORECASE)
    return found is not None and found[1] in made
