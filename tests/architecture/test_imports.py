"""Each program begins, whatever it asks for first: no module needs another to be imported before.

A circle of imports is seen only by who enters it at the wrong place, such as a process of its own,
and never by a test that imported something else before.
"""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from services.__main__ import COMMANDS

ROOT = Path(__file__).parents[2]
EACH_ALONE = """
import gc, importlib, os, sys
import asyncpg, click, faststream.kafka, httpx, jinja2, nh3, pypdfium2
import starlette.applications, yaml
gc.disable()
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
    entries = {entry.module for entry in COMMANDS.values()}
    apps = {f"services.{path.parent.name}.app" for path in ROOT.glob("services/*/app.py")}
    names = sorted(entries | apps)
    assert {"services.notify.app", "services.desk.cli"} <= set(names)
    command = [sys.executable, "-c", EACH_ALONE, *names]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  (a program of ours)
    assert ran.stdout == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_what_the_table_of_commands_names_by_a_string_stands_there(name: str) -> None:
    """No linter reads a string."""
    entry = COMMANDS[name]
    assert hasattr(importlib.import_module(entry.module), entry.attribute)
    if entry.given is not None:
        module, _, function = entry.given.partition(":")
        assert callable(getattr(importlib.import_module(module), function))


def test_the_child_that_reads_files_loads_no_models() -> None:
    """Where mails are few it starts for each that has a file: a third of that was pydantic."""
    program = (
        "import sys, services.ingest.attachment_child, shared.platform.child;"
        "print('pypdfium2' in sys.modules, 'pydantic' in sys.modules)"
    )
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603  (as above)
    assert ran.stdout.split() == ["True", "False"]
