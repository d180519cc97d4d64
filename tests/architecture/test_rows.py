"""No stored row is decoded bare: what one row of another version says costs that row alone.

A decoding is guarded where a reader of shared/platform/postgres/rows.py does it, or a `try` that
catches what comes of other words and says what follows. What reads no row of ours, or must fail
whole, is named here.
"""

import ast
from collections.abc import Iterator

from tests.house.tree import project

DECODES = {"validate_json", "validate_python", "model_validate", "model_validate_json"}
CATCHES = {"ValueError", "ValidationError", "UNREADABLE", "Exception", "UnreadableRow"}
BARE = {
    "services/ops/rehearsal/child.py:answers": "lines of the release before, on a pipe: no row",
    "services/desk/domain/decisions/classification.py:_assignment": "no row: a decision of now",
    "services/desk/pages/api/items.py:list_items": "columns as they are: texts, numbers and days",
    "services/ingest/scan_reader.py:_exchange": "no row: what a child answers",
    "services/sla/dead_letter_retry.py:_again": "a dead letter, which stays one: `retry` catches",
    "services/sla/item_format.py:_clocks": "`_plan`, which catches, calls `parse_plan`",
    "services/sla/item_format.py:parse_plan": "`_plan`, which catches, alone calls it",
    "services/sla/item_format.py:_stands": "`read`, which catches, calls `parse_standing`",
    "services/sla/item_format.py:parse_standing": "`read`, which catches, alone calls it",
    "shared/paper/copy_child.py:answer": "no row: what its parent asks",
    "shared/site/load.py:_proposal": "no row: files, refused by `site apply`",
    "shared/site/store.py:_parsed": "without its rules no process may go on",
}
"""Decodings outside any guard, and why."""


def test_no_stored_row_is_decoded_bare() -> None:
    modules = [each for each in project().program if not each.path.startswith("deploy/")]
    # Few say the words that are looked for: parsing is slow.
    readers = {
        name for each in modules if "rows.read" in each.source for name in _readers(each.tree)
    }
    found = {
        f"{each.path}:{function}"
        for each in modules
        if any(word in each.source for word in DECODES)
        for function in _bare(each.tree, readers)
    }
    assert found == BARE.keys()


def _readers(tree: ast.Module) -> Iterator[str]:
    """What is named in the calls of `rows.read` and `rows.readable`: functions that they call."""
    for call in _calls(tree):
        if _reads_rows(call.func):
            for node in (inner for argument in call.args for inner in ast.walk(argument)):
                if isinstance(node, ast.Name | ast.Attribute):
                    yield ast.unparse(node).rpartition(".")[2]


def _reads_rows(function: ast.expr) -> bool:
    match function:
        case ast.Attribute(value=ast.Name(id="rows"), attr="read" | "readable"):
            return True
    return False


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _bare(tree: ast.Module, readers: set[str]) -> Iterator[str]:
    """Functions that decode outside any guard."""
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if _guards(node)
        for block in (node.body if isinstance(node, ast.Try | ast.With) else [node])
        for inner in ast.walk(block)
    }
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for call in _calls(function):
                decodes = isinstance(call.func, ast.Attribute) and call.func.attr in DECODES
                if decodes and id(call) not in guarded and function.name not in readers:
                    yield function.name


def _guards(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return _reads_rows(node.func)
    if isinstance(node, ast.With):
        return any(
            ast.unparse(item.context_expr).startswith("suppress(")
            and any(name in ast.unparse(item.context_expr) for name in CATCHES)
            for item in node.items
        )
    return isinstance(node, ast.Try) and any(
        handler.type is None or any(name in ast.unparse(handler.type) for name in CATCHES)
        for handler in node.handlers
    )
