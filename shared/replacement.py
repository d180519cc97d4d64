"""A frozen dataclass with other values in some fields, several times faster than the library.

An item is folded from its facts, and each fact replaces one or two of forty fields.
`dataclasses.replace` looks at every field in Python and then calls a constructor that sets each
by name: half of what folding costs. Here the fields are read at once and set by the
descriptors of their slots.
"""

from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import replace as replace  # noqa: PLC0414  (given on)
else:

    def replace(one: T, /, **changes: Any) -> T:
        """Returns a dataclass with slots as `dataclasses.replace` does; it has no `__post_init__`.

        Raises TypeError for a field that it has not.
        """
        values, setters = _slots(type(one))
        found = object.__new__(type(one))
        for put, value in zip(setters.values(), values(one), strict=True):
            put(found, value)
        for name, value in changes.items():
            if name not in setters:
                raise TypeError(f"{type(one).__name__} has no field {name}")
            setters[name](found, value)
        return found


@cache
def _slots(kind: type) -> tuple[Any, dict[str, Any]]:
    """What reads all fields of a class at once, and what sets each of them."""
    if hasattr(kind, "__post_init__") or not hasattr(kind, "__slots__"):
        raise TypeError(f"{kind.__name__} is no plain dataclass with slots")
    names = [field.name for field in fields(kind)]
    return attrgetter(*names), {name: getattr(kind, name).__set__ for name in names}
