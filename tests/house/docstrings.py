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
    r"|^States\b|`[\w.]+`: of\b"
)
"""Words that leave out what is meant: folds into what, beside whom, if any of what, a mail of the
post or an email, a rule of which document (docs/clocks.md asks for « CLOCKS, rule 13 »), states in
what register (it records a fact), `mark`: of the set, which is what of the set."""
BOUNDED = re.compile(r"`limit`|\bat most\b|\b(page|batch)\b", re.IGNORECASE)
CHECKS = re.compile(r"(Checks|Verifies|Compares|Converts|Makes|Reads|Splits)\b")
GIVEN = re.compile(r"(Async)?(Iterator|Generator)\b")
READS = re.compile(r"(Returns|Reads|Lists|Finds|Loads|Counts|Whether|The)\b")
LOCKS = re.compile(r"\bFOR (NO KEY )?UPDATE\b|\bpg_(try_)?advisory_xact_lock\b")
OWNED = re.compile(r"\b(lock|claim|no other transaction)", re.IGNORECASE)
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


def silent_limits(house: House) -> Sequence[str]:
    """Public functions that give at most `limit` things, and say neither that nor « a page »."""
    return [
        f"{module.path}:{node.lineno} {node.name}"
        for module, _, node in _functions(house)
        if not _at_the_shell(node)
        and any(_is_limit(each) for each in (*node.args.args, *node.args.kwonlyargs))
        and not BOUNDED.search(_docstring(node))
    ]


def _is_limit(parameter: ast.arg) -> bool:
    """Not a day nor a moment, which are limits of another sort."""
    kind = parameter.annotation
    return parameter.arg == "limit" and kind is not None and ast.unparse(kind).startswith("int")


def silent_locks(house: House) -> Sequence[str]:
    """Public functions that read, as their docstring says, and lock what they read unsaid."""
    return [
        f"{module.path}:{node.lineno} {node.name}"
        for module, _, node in _functions(house)
        if READS.match(_docstring(node))
        and not OWNED.search(_docstring(node))
        and any(LOCKS.search(text) for text in _texts(node))
    ]


def silent_findings(house: House) -> Sequence[str]:
    """Public generators that check or make something and do not say what they yield."""
    return [
        f"{module.path}:{node.lineno} {node.name}"
        for module, _, node in _functions(house)
        if CHECKS.match(_docstring(node))
        and node.returns is not None
        and GIVEN.match(ast.unparse(node.returns))
        and "yield" not in _docstring(node).lower()
    ]


def _texts(node: Function) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


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
