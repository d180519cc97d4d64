"""Each program begins, whatever it asks for first: no module needs another to be imported before.

A circle of imports is seen only by who enters it at the wrong place, such as a process of its own,
and never by a test that imported something else before.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAMS = ("services/*/app.py", "services/*/commands.py", "services/*/commands/__init__.py")
EACH_ALONE = """
import importlib, os, sys
import asyncpg, click, faststream.kafka, pydantic, starlette.applications
for name in sys.argv[1:]:
    if (child := os.fork()) == 0:
        try:
            importlib.import_module(name)
        except ImportError as error:
            print(name, error, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


def test_each_program_can_be_the_first_to_be_imported() -> None:
    paths = sorted(path.relative_to(ROOT) for pattern in PROGRAMS for path in ROOT.glob(pattern))
    names = [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in paths]
    assert {"services.notify.app", "services.desk.commands"} <= set(names)
    command = [sys.executable, "-c", EACH_ALONE, *names]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert ran.stdout == ""
