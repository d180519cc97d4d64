"""DATA/prometheus.yml: where a Prometheus finds the processes of `vaguemestre up`, and our rules.

prometheus --config.file=.vaguemestre/prometheus.yml --storage.tsdb.path=/tmp/metrics
"""

from collections.abc import Mapping
from pathlib import Path

import yaml

NAME = "prometheus.yml"
RULES = Path(__file__).parents[1] / "prometheus" / "rules"
_EVERY = "15s"


def scrape_file(ports: Mapping[str, int], site: str) -> str:
    """Makes the Prometheus configuration that scrapes each process of a site on this machine."""
    targets = [
        {"targets": [f"127.0.0.1:{port}"], "labels": {"site": site, "process": name}}
        for name, port in ports.items()
    ]
    return yaml.safe_dump(
        {
            "global": {"scrape_interval": _EVERY},
            "rule_files": [f"{RULES}/*.yml"],
            "scrape_configs": [{"job_name": "vaguemestre", "static_configs": targets}],
        },
        sort_keys=False,
    )
