"""Write `jgo.lock.toml` anew from `jgo.toml`.

    python -m deploy.embedded.lock_jars

The lock names every jar with its SHA-256 and no host.
"""

import sys
import tempfile
from pathlib import Path

from jgo.env import EnvironmentBuilder, EnvironmentSpec
from jgo.maven import MavenContext

_HERE = Path(__file__).parent


def main() -> None:
    """Resolves the Java libraries of `jgo.toml` into the lock file; needs the network."""
    with tempfile.TemporaryDirectory() as work:
        maven = MavenContext(repo_cache=Path(work) / "maven", timeout=60)
        builder = EnvironmentBuilder(maven, cache_dir=Path(work) / "jgo")
        lock = builder.resolve_lockfile(EnvironmentSpec.load(_HERE / "jgo.toml"))
    lock.save(_HERE / "jgo.lock.toml")
    sys.stdout.write(f"{len(lock.dependencies)} jars locked\n")


if __name__ == "__main__":
    main()
