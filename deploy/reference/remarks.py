"""The remarks under the fields of a class, which Python does not keep at run time."""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from itertools import pairwise


def remarks(kind: type) -> Mapping[str, str]:
    """Reads from the source the remarks below a class's fields, which Python does not keep."""
    return {
        field: remark
        for ancestor in reversed(kind.__mro__)
        if ancestor.__module__.startswith("shared.")
        for field, remark in _of(ancestor)
    }


def _of(kind: type) -> Iterator[tuple[str, str]]:
    (written,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    body = written.body if isinstance(written, ast.ClassDef) else []
    for field, below in pairwise(body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(
                value=ast.Constant(value=str(said))
            ):
                yield name, " ".join(said.split())
            case _:
                continue
