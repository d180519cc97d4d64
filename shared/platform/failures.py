"""What may be kept and shown of an exception: what it is and where, never a value."""

import asyncpg
from pydantic import ValidationError

from shared.errors import VaguemestreError


def reason_of(error: Exception) -> str:
    """Returns a code or sentence for an exception, to be logged or stored.

    Never holds a value from a row.
    """
    match error:
        case ValidationError():
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            return f"{first['type']} at {place or 'the top'}"
        case asyncpg.PostgresError():
            place = error.constraint_name or error.column_name or error.table_name or ""
            return f"{type(error).__name__} {error.sqlstate} {place}".rstrip()
        case VaguemestreError():
            return str(error)
        case _:
            return type(error).__name__
