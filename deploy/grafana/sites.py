"""Every question to Prometheus is of the sites that the reader chose, and counts a replica once."""

import re

_NAME = r"(?:vaguemestre[a-z0-9_:]+|process_resident_memory_bytes|\bup)"
_SELECTOR = re.compile(rf"(?P<name>{_NAME})(?:\{{(?P<labels>[^}}]*)\}})?(?P<span>\[[^\]]*\])?")
_SAME = re.compile(r"vaguemestre_(?:desk|ingest|notices|sla|digests|mail_)[a-z_]*(?<!_total)")
"""Gauges that every replica asks of one database: they stand once, whoever answers."""


def of_sites(query: str) -> str:
    """Adds the label `site` to each selector and grouping of a Prometheus query."""
    return re.sub(r"\b(by|on) \(", r"\1 (site, ", _SELECTOR.sub(_sited, query))


def _sited(found: re.Match[str]) -> str:
    labels = ",".join(filter(None, ('site=~"$site"', found["labels"])))
    one = f"{found['name']}{{{labels}}}{found['span'] or ''}"
    same = _SAME.fullmatch(found["name"]) and found["span"] is None
    return f"max without (instance) ({one})" if same else one
