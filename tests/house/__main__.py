"""Prints the figures of the house: `make house`, `make house LIST=circles`."""

import sys
from pathlib import Path

import click

from tests.house.figures import FIGURES
from tests.house.table import CEILINGS, WAY, WAY_LIMIT, WAY_READ_LIMIT
from tests.house.tree import read

PROJECT = Path(__file__).parents[2]


def main(wanted: str) -> int:
    """Prints each figure beside its ceiling, and what it counts where its name was given."""
    house = read(PROJECT)
    over = False
    for name, figure in FIGURES.items():
        found = figure(house)
        over |= len(found) > CEILINGS[name]
        click.echo(f"{len(found):6} (at most {CEILINGS[name]})  {name}")
        if wanted and wanted in name:
            click.echo("".join(f"        {line}\n" for line in found), nl=False)
    modules = {module.path: module for module in house.program}
    lines = {path: module.lines for path, module in modules.items()}
    click.echo("One letter's way:")
    for room, paths in WAY.items():
        click.echo(f"{sum(lines[path] for path in paths):6}  {room}: {len(paths)} modules")
        if wanted == "way":
            click.echo("".join(f"        {path}: {lines[path]}\n" for path in paths), nl=False)
    total = sum(lines[path] for paths in WAY.values() for path in paths)
    click.echo(f"{total:6} (at most {WAY_LIMIT})  lines in all")
    read_lines = total - sum(modules[path].imports for paths in WAY.values() for path in paths)
    click.echo(f"{read_lines:6} (at most {WAY_READ_LIMIT})  without the import statements")
    return int(over or total > WAY_LIMIT or read_lines > WAY_READ_LIMIT)


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
