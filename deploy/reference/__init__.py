"""The reference pages that are written from the code: `make docs`.

docs/asyncapi.json  every fact, its topic, who tells it and who hears it (asyncapi.py)
docs/metrics.md     every metric of each process (metrics.py)
docs/guide/variables.md  every variable of each process (variables.py)

A test fails when a committed page differs from what the code says.
"""

from collections.abc import Callable, Mapping

from deploy.reference import asyncapi, metrics, variables

PAGES: Mapping[str, Callable[[], str]] = {
    "asyncapi.json": asyncapi.render,
    "metrics.md": metrics.render,
    "guide/variables.md": variables.render,
}
"""What writes each page, by its name under docs/."""
