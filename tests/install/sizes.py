"""What an installed préfecture takes: memory, and the disk of what came in."""

from collections.abc import Mapping, Sequence

from tests.install.root import Root

_DISK = """
printf 'base '; su postgres -c "psql -tA" <<'FIN'
SELECT pg_database_size('vaguemestre_indre');
FIN
printf 'originals '; du --summarize --block-size=1 /var/lib/vaguemestre/36/blobs
printf 'spool '; du --summarize --block-size=1 /var/lib/vaguemestre/36/spool
"""


def disk(root: Root) -> Mapping[str, int]:
    """The octets of the base, the originals and the spool."""
    lines = [line.split() for line in root.run(_DISK).splitlines()]
    return {line[0]: int(line[1]) for line in lines}


def sized(before: Mapping[str, int], after: Mapping[str, int], items: int) -> None:
    """Prints what so many items took of the disk; of few, a base's first pages are most of it."""
    grown = {name: (after[name] - before[name]) / 1e6 for name in after}
    told = ", ".join(f"{name} {each:.1f} MB" for name, each in grown.items())
    each = ", ".join(f"{name} {each * 1000 / items:.0f} MB" for name, each in grown.items())
    print(f"disk of {items} items: {told}; of 1,000: {each}")  # noqa: T201  (for a terminal)


def memory(root: Root, processes: Sequence[str]) -> dict[str, int]:
    """The megabytes of each process with its children, shared pages in parts (PSS)."""
    found = {}
    for name in processes:
        # Their control group's path is the host's, which a booted root does not see.
        asked = (
            "tree() { echo $1; for child in $(pgrep -P $1); do tree $child; done; };"
            f" for p in $(tree $(systemctl show -P MainPID vaguemestre-{name}@36));"
            " do grep ^Pss: /proc/$p/smaps_rollup; done"
        )
        lines = root.run(asked, fails=True).splitlines()
        found[name] = sum(int(line.split()[1]) for line in lines if line.startswith("Pss")) // 1024
    return found
