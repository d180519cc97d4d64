"""The figures of the house: each a list of what should be mended, so that its length only falls."""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from tests.house.docstrings import (
    silent_findings,
    silent_limits,
    silent_locks,
    silent_refusals,
    vague,
    without_verb,
)
from tests.house.layers import Layers, layers_of, upward
from tests.house.table import IRREGULAR, NOUNS, PHRASES, REASONS, SHARED_NAMES, VERBS
from tests.house.tree import House, Module

LONG, SHORT = 300, 40
LOOPS = (ast.For, ast.AsyncFor, ast.comprehension)
ENDINGS = re.compile(r"[a-z]{2,}(ing|ed|en)$")
NAMED_OTHERWISE = re.compile(r"property\b|contextmanager|\.(command|group|setter)\b")
"""Decorators of functions whose name people type, or that stands as a value or after `with`."""
CAMEL_CASE = re.compile(r"[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*$")
OPENINGS = re.compile(
    r"(What|Who|Whom|Whose|Those|These|That|It|Its|One|They|Likewise|Nobody|Somebody|Everything"
    r"|As|See|Where|When|How|By)\b"
)
"""Words that name nothing by themselves: what follows is understood by whoever knows the thing."""


def duplicate_types(house: House) -> Sequence[str]:
    """Public types of one name in several modules, save the names that stand in each service.

    A type is a class or an alias: a name in CamelCase that a module gives.
    """
    where = defaultdict(set)
    for module in house.program:
        for name in _types(module):
            where[name].add(module.path)
    return [
        f"{name}: {', '.join(sorted(paths))}"
        for name, paths in sorted(where.items())
        if len(paths) > 1 and name not in SHARED_NAMES
    ]


def outside_layers(house: House) -> Sequence[str]:
    """Modules of services and shared that no layer of `.importlinter` holds.

    Of the contract over the nearest container: that desk is one service says nothing of its rooms.
    """
    layers = layers_of(house.linter)
    return [
        module.path
        for module in house.program
        if not module.path.startswith("deploy/")
        and not module.is_package
        and not any(layer.place(module.name) is not None for layer in _nearest(layers, module.name))
    ]


def _nearest(layers: Sequence[Layers], module: str) -> Sequence[Layers]:
    """The contracts over the innermost container in which the module stands."""
    around = [layer for layer in layers if module.startswith(f"{layer.container}.")]
    deepest = max((len(layer.container) for layer in around), default=0)
    return [layer for layer in around if len(layer.container) == deepest]


def upward_imports(house: House) -> Sequence[str]:
    """Imports from a lower layer into a higher one, and from shared or services up the tree."""
    return sorted(upward(house))


def circles(house: House) -> Sequence[str]:
    """Groups of modules that import each other, directly or through others of the group."""
    return sorted(" ↔ ".join(sorted(group)) for group in _tangles(house.imports) if len(group) > 1)


def loops_over_one(house: House) -> Sequence[str]:
    """Loops of the program whose variable is called `one`, which hides what it is."""
    return [line for module in house.program for line in _loops(module)]


def loops_over_one_in_tests(house: House) -> Sequence[str]:
    """The same in the tests."""
    return [line for module in house.modules if module.in_tests for line in _loops(module)]


def standing_rules(house: House) -> Sequence[str]:
    """Places that work out for themselves which facts a FactWithdrawn took back."""
    return [
        f"{module.path}:{node.lineno}"  # type: ignore[attr-defined]  # of this kind here
        for module in house.program
        if "FactWithdrawn" in module.source
        for node in module.nodes
        if _takes_back(node)
    ]


def odd_sizes(house: House) -> Sequence[str]:
    """Modules past 300 lines or under 40 for which the table has no reason."""
    return [
        f"{module.path}: {module.lines}"
        for module in house.program
        if not module.path.endswith(("__init__.py", "__main__.py"))
        if not SHORT <= module.lines <= LONG and module.path not in REASONS
    ]


def participles(house: House) -> Sequence[str]:
    """Modules named by a participle or gerund that is no noun of the field."""
    return [
        module.path
        for module in house.program
        if not module.path.endswith(PHRASES)
        if any(_is_participle(word) for word in module.words)
    ]


def bare_docstrings(house: House) -> Sequence[str]:
    """Public classes and functions whose docstring opens with a pronoun, not a noun."""
    return [
        f"{module.path}:{node.lineno} {node.name}"
        for module in house.program
        for node in module.nodes
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if not node.name.startswith("_") and OPENINGS.match(ast.get_docstring(node) or "")
    ]


def bare_functions(house: House) -> Sequence[str]:
    """Public functions and methods called by a participle alone, or `one`.

    Commands are not counted, whose names people type, nor properties (`item.answered`), nor what
    stands after `with`.
    """
    return [
        f"{module.path}:{node.lineno} {node.name}"
        for module in house.program
        for node in _functions(module.tree.body)
        if node.name == "one" or _is_participle(node.name)
        if node.name not in VERBS
        if not NAMED_OTHERWISE.search(" ".join(map(ast.unparse, node.decorator_list)))
    ]


FIGURES: dict[str, Callable[[House], Sequence[str]]] = {
    "public type names that stand in several modules": duplicate_types,
    "modules outside a layer": outside_layers,
    "upward imports": upward_imports,
    "circles": circles,
    "loops `for one in`": loops_over_one,
    "loops `for one in`, tests": loops_over_one_in_tests,
    "copies of the standing rule": standing_rules,
    "modules past 300 or under 40 lines without a reason": odd_sizes,
    "modules named by a participle": participles,
    "functions called by a participle alone": bare_functions,
    "docstrings that open with a bare pronoun": bare_docstrings,
    "docstrings with words that leave out what is meant": vague,
    "functions whose docstring opens with an article, not a verb": without_verb,
    "functions that refuse and do not say so": silent_refusals,
    "functions with a limit that do not say so": silent_limits,
    "functions that read under a lock and do not say so": silent_locks,
    "generators that check or make and do not say what they yield": silent_findings,
}


def _functions(body: Sequence[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions of a module and of its classes, without those within functions."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body)


def _is_participle(word: str) -> bool:
    return word in IRREGULAR or (bool(ENDINGS.match(word)) and word not in NOUNS)


def _types(module: Module) -> Iterator[str]:
    """The public classes and aliases that a module gives a name."""
    for node in module.tree.body:
        match node:
            case ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                names = [name]
            case ast.Assign(targets=targets):
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            case _:
                names = []
        yield from (name for name in names if CAMEL_CASE.match(name))


def _loops(module: Module) -> Iterator[str]:
    if "for one in" not in module.source:
        return
    for node in module.nodes:
        target = getattr(node, "target", None) if isinstance(node, LOOPS) else None
        if isinstance(target, ast.Name) and target.id == "one":
            yield f"{module.path}:{target.lineno}"


def _takes_back(node: ast.AST) -> bool:
    """`{fact.fact for fact in … if isinstance(fact, FactWithdrawn)}`, or the same as SQL."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return "'FactWithdrawn'" in node.value and "'fact'" in node.value
    if not isinstance(node, ast.SetComp | ast.ListComp | ast.GeneratorExp):
        return False
    conditions = [test for part in node.generators for test in part.ifs]
    return any("FactWithdrawn" in ast.unparse(test) for test in conditions) and (
        isinstance(node.elt, ast.Attribute) and node.elt.attr == "fact"
    )


def _tangles(graph: dict[str, set[str]]) -> Iterator[frozenset[str]]:
    """The groups of which each member is reached from each other, single ones too."""
    reached = {start: _reached(graph, start) for start in graph}
    yield from {
        frozenset({start} | {other for other in others if start in reached[other]})
        for start, others in reached.items()
    }


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    seen, rest = set[str](), [start]
    while rest:
        new = graph[rest.pop()] - seen
        seen |= new
        rest += new
    return seen
