"""Small wrong programs: each is one of ours with one operator, constant or part changed."""

import ast
import hashlib
import random
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed part: where, what it was and what it is; `source` is the whole module."""

    path: str
    line: int
    before: str
    after: str
    source: str

    @property
    def name(self) -> str:
        """What names it in the table of survivors, whatever the lines before it."""
        return f"{self.path}: {self.before} -> {self.after}"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before} -> {self.after}"


def every(path: Path, root: Path) -> Sequence[Mutant]:
    """All mutants of one module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = path.relative_to(root).as_posix()
    found, seen = list[Mutant](), set[str]()
    for place, node in enumerate(_spoken(tree)):
        for changed in _changes(node):
            mutated = deepcopy(tree)
            _put(mutated, place, changed)
            source = ast.unparse(ast.fix_missing_locations(mutated))
            if source not in seen:
                seen.add(source)
                before, after = _shown(node), _shown(changed)
                found.append(Mutant(name, getattr(node, "lineno", 0), before, after, source))
    return found


def sample(mutants: Sequence[Mutant], count: int, seed: int) -> Sequence[Mutant]:
    """So many of them, the same for one seed while the parts they change stay as they are."""
    order = random.Random(seed).random()  # noqa: S311  (a draw, no secret)

    def rank(one: Mutant) -> str:
        return hashlib.sha256(f"{order}\n{one.name}".encode()).hexdigest()

    return sorted(mutants, key=lambda one: (rank(one), one.line))[:count]


def _shown(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())


def _spoken(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that do something: no annotation, docstring, import or decorator."""
    skipped = set[int]()
    for node in ast.walk(tree):
        if id(node) in skipped:
            skipped.update(map(id, ast.iter_child_nodes(node)))
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        for quiet in _quiet(node):
            skipped.add(id(quiet))
        yield node


def _quiet(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from node.decorator_list
        yield from ([node.returns] if node.returns else [])
    elif isinstance(node, ast.ClassDef):
        yield from [*node.decorator_list, *node.bases]
    elif isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
        yield node.annotation
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        # `list[Rung]()` speaks of a type, `found[-1]` of a place.
        yield from [node] if node.value.id in {"list", "dict", "set", "tuple"} else []


def _put(tree: ast.AST, place: int, changed: ast.AST) -> None:
    """Puts the changed part in the place of the node of that number."""
    target = next(node for n, node in enumerate(_spoken(tree)) if n == place)
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, name, changed)
            elif isinstance(value, list):
                for n, part in enumerate(value):
                    if part is target:
                        value[n] = changed


def _changes(node: ast.AST) -> Iterator[ast.AST]:  # noqa: C901, PLR0912  (one case a kind)
    match node:
        case ast.Compare(ops=[op]):
            for other in COMPARISONS.get(type(op), ()):
                yield _with(node, ops=[other()])
        case ast.Compare(ops=[first, *rest]):
            for other in COMPARISONS.get(type(first), ()):
                yield _with(node, ops=[other(), *rest])
        case ast.BoolOp(op=op):
            yield _with(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
            for n in range(len(node.values)):
                rest = [value for m, value in enumerate(node.values) if m != n]  # type: ignore[misc]  # typed by hand
                yield _with(node, values=rest) if len(rest) > 1 else deepcopy(rest[0])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield deepcopy(operand)
        case ast.BinOp(op=op) if type(op) in OPERATORS:
            yield _with(node, op=OPERATORS[type(op)]())
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Call(func=ast.Name(id=name)) if name in CALLS:
            yield _with(node, func=ast.Name(CALLS[name], ast.Load()))
        case ast.IfExp():
            yield _with(node, body=node.orelse, orelse=node.body)
        case ast.If() | ast.While():
            yield _with(node, test=ast.Constant(value=False))
        case ast.Set(elts=elts) if len(elts) > 1:
            for n in range(len(elts)):
                yield _with(node, elts=[one for m, one in enumerate(elts) if m != n])
        case ast.comprehension(ifs=[_, *_]):
            yield _with(node, ifs=[])
        case ast.keyword(arg=str(), value=value) if not isinstance(
            value, ast.Constant | ast.Lambda
        ):
            yield _with(node, value=ast.Constant(None))
        case _:
            return


def _with(node: ast.AST, **parts: object) -> ast.AST:
    changed = deepcopy(node)
    for name, part in parts.items():
        setattr(changed, name, part)
    return changed
