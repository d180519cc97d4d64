"""What one ordinary mail enters of the modules on its way: `make passage`.

A pytest plugin: while tests run in this process, each function of the program that they enter is
noted; the summary names those of the way that none entered. They belong to a rarer kind (recovery,
quarantine, corrections, status), or to a process of their own, which is not seen from here.
"""

import ast
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

from tests.house.table import WAY, WAY_LIMIT
from tests.house.tree import Module, read

PROJECT = Path(__file__).parents[2]
ENTERED: set[tuple[str, int]] = set()
"""Path from the project's root, and the first line of a function, decorators included."""


def _note(frame: FrameType, event: str, argument: object) -> None:
    del event, argument
    code = frame.f_code
    if code.co_filename.startswith((f"{PROJECT}/services/", f"{PROJECT}/shared/")):
        ENTERED.add((code.co_filename.removeprefix(f"{PROJECT}/"), code.co_firstlineno))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Notes what the test itself enters, in every thread; not what prepares it."""
    threading.settrace(_note)
    sys.settrace(_note)
    try:
        return (yield)
    finally:
        sys.settrace(None)
        threading.settrace(None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints, by module of the way, the functions that were not entered, and their lines."""
    modules = {module.path: module for module in read(PROJECT).program}
    way = [path for paths in WAY.values() for path in paths]
    never = 0
    for path in way:
        cold = [
            (name, lines)
            for name, first, lines in _functions(modules[path])
            if (path, first) not in ENTERED
        ]
        never += sum(lines for _, lines in cold)
        names = ", ".join(f"{name} {lines}" for name, lines in cold) or "nothing"
        terminalreporter.write_line(f"{path}: never entered: {names}")
    beside = [
        module
        for path, module in modules.items()
        if path not in way and any((path, first) in ENTERED for _, first, _ in _functions(module))
    ]
    lines = sum(modules[path].lines for path in way)
    terminalreporter.write_line(
        f"{len(way)} modules of the way, {lines} lines (at most {WAY_LIMIT})"
    )
    terminalreporter.write_line(f"{never} lines of the way in functions that were never entered")
    terminalreporter.write_line(
        f"{len(beside)} modules beside the way of which a function was entered, "
        f"{sum(module.lines for module in beside)} lines"
    )


def _functions(module: Module) -> Iterator[tuple[str, int, int]]:
    """Name, first line (a decorator's, where it has one) and length of each function."""
    for node in module.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
            yield node.name, first, (node.end_lineno or first) - first + 1
