"""Figures of docstrings: what somebody stumbles over who reads a name and its docstring alone."""

import ast
import re
from collections.abc import Iterator, Sequence

from tests.house.tree import House, Module

Function = ast.FunctionDef | ast.AsyncFunctionDef

VAGUE = re.compile(
    r"\bFolds\b|\bbeside\b|\be-mail\b|\bby mail\b|\bin the order of the chain\b"
    r"|\b(if|without) any[.,;]|\bif none[.,;]|\bor few\b|\bof how many\b"
    r"|(?<!CLOCKS, )(?<!docs/clocks\.md, )\brules? \d"
)
"""Words that leave out what is meant: folds into what, beside whom, if any of what, a mail of the
post or an email, a rule of which document (docs/clocks.md asks for « CLOCKS, rule 13 »)."""
ARTICLES = re.compile(r"(The|An?|All|Each|Every|No)\b(?! context manager)")
AT_THE_SHELL = re.compile(r"(command|group|property)\b")
"""Decorators of a command, whose docstring is its help, and of what is read like a field."""


def vague(house: House) -> Sequence[str]:
    """Public docstrings with words that leave out what is meant."""
    return [
        f"{module.path}:{node.lineno} {node.name}: {found[0]}"
        for module, node in _public(house)
        if (found := VAGUE.search(" ".join(_docstring(node).split())))
    ]


def without_verb(house: House) -> Sequence[str]:
    """Public functions whose docstring opens with an article and not with what they do."""
    return [
        f"{module.path}:{node.lineno} {node.name}"
        for module, node in _public(house)
        if isinstance(node, Function) and not _at_the_shell(node)
        if ARTICLES.match(_docstring(node))
    ]


def silent_refusals(house: House) -> Sequence[str]:
    """Public functions that raise Refused and say so neither themselves nor by their class."""
    return [
        f"{module.path}:{node.lineno} {node.name}"
        for module, owner, node in _functions(house)
        if not _at_the_shell(node) and any(map(_refuses, ast.walk(node)))
        if "Refuse" not in _docstring(node) + (_docstring(owner) if owner else "")
    ]


def _public(house: House) -> Iterator[tuple[Module, ast.ClassDef | Function]]:
    for module in house.program:
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
                yield module, node
    yield from ((module, node) for module, owner, node in _functions(house) if owner)


def _functions(house: House) -> Iterator[tuple[Module, ast.ClassDef | None, Function]]:
    """Public functions, and public methods with their public class."""
    for module in house.program:
        for node in module.tree.body:
            if isinstance(node, Function) and not node.name.startswith("_"):
                yield module, None, node
            elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                for method in node.body:
                    if isinstance(method, Function) and not method.name.startswith("_"):
                        yield module, node, method


def _docstring(node: ast.ClassDef | Function) -> str:
    return ast.get_docstring(node) or ""


def _at_the_shell(node: Function) -> bool:
    return any(AT_THE_SHELL.search(ast.unparse(each)) for each in node.decorator_list)


def _refuses(node: ast.AST) -> bool:
    raised = node.exc if isinstance(node, ast.Raise) else None
    called = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(called, ast.Name) and called.id == "Refused"
