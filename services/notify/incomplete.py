"""Why a text can't be written."""

from shared.errors import PermanentFailure


class Incomplete(PermanentFailure):
    """Raised when the text of a notice can't be written; its message is the code for holding it."""
