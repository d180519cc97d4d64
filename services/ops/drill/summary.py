"""What a drill says: a summary to be read aloud, or one JSON document."""

from collections.abc import Iterator

from services.ops.drill.backup import Copied
from services.ops.drill.exercise import DrillResult
from shared.platform.disk_space import MEGA

_SHOWN = 20
"""Differences of each kind; all are counted."""


def lines(result: DrillResult) -> Iterator[str]:
    """Formats a backup drill's result as lines of text, what is wrong first."""
    for title, found in (
        ("not as in the register", result.differences),
        ("acknowledged, and not in the copy", result.lost),
        ("proof", result.proof.differences),
    ):
        for line in found[:_SHOWN]:
            yield f"{title}: {line}"
        if len(found) > _SHOWN:
            yield f"{title}: … and {len(found) - _SHOWN} more."
    took, blobs = result.seconds, result.copied["blobs"]
    yield f"drill      {result.source} restored into {result.target}"
    yield (
        f"base       {result.tables} tables, {result.rows} rows: dumped in {took['dump']:.1f} s "
        f"({_mega(result.dumped)}), restored in {took['restore']:.1f} s; "
        f"{_count(len(result.differences))} differ"
    )
    yield (
        f"files      {blobs.files} originals ({_mega(blobs.octets)}), {result.waiting} deposits, "
        f"{result.copied['site'].files if 'site' in result.copied else 'no'} files of the site: "
        f"copied in {took['files']:.1f} s"
    )
    yield f"at rest    {_at_rest(blobs)}"
    proof = result.proof
    yield (
        f"proof      {proof.items} items refolded, {proof.clocks} clocks replanned, "
        f"{proof.checked}, {proof.differ} differ, in {took['proof']:.1f} s"
    )
    if result.unmigrated:
        yield f"start      refused: {result.unmigrated} migrations are missing in the copy"
    yield (
        f"RPO        {len(result.lost)} lost of {result.acknowledged} inputs acknowledged before "
        f"{result.began:%Y-%m-%d %H:%M:%S} UTC; {result.archiving}"
    )
    yield (
        f"RTO        {result.recovery_seconds:.1f} s: base {took['restore']:.1f} s, "
        f"files {took['files']:.1f} s"
    )
    yield "The backup came back whole." if result.holds else "The backup did not come back whole."


def document(result: DrillResult) -> dict[str, object]:
    """Makes the JSON document of a backup drill's result."""
    return {
        "began": result.began.isoformat(),
        "holds": result.holds,
        "lost": list(result.lost),
        "acknowledged": result.acknowledged,
        "recovery_seconds": round(result.recovery_seconds, 3),
        "seconds": {name: round(took, 3) for name, took in result.seconds.items()},
        "tables": result.tables,
        "rows": result.rows,
        "dumped_octets": result.dumped,
        "copied": {
            name: {"files": copied.files, "octets": copied.octets}
            for name, copied in result.copied.items()
        },
        "keys": dict(result.copied["blobs"].keys),
        "differences": list(result.differences),
        "proof": {
            "items": result.proof.items,
            "clocks": result.proof.clocks,
            "checked": result.proof.checked,
            "differ": result.proof.differ,
            "differences": list(result.proof.differences),
        },
        "unmigrated": result.unmigrated,
        "archiving": result.archiving,
    }


def _at_rest(originals: Copied) -> str:
    encrypted = sum(originals.keys.values())
    if not encrypted:
        return "no original is encrypted"
    keys = ", ".join(f"{key} ({files})" for key, files in sorted(originals.keys.items()))
    return (
        f"{encrypted} of {originals.files} originals are encrypted, and the keyring opens them:"
        f" {keys}; keep it elsewhere than this copy"
    )


def _mega(octets: int) -> str:
    return f"{octets / MEGA:.1f} MB"


def _count(number: int) -> str:
    return str(number) if number else "none"
