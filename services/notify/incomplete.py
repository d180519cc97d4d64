"""Why a text can't be written."""

from shared.errors import PermanentFailure


class Incomplete(PermanentFailure):
    """The text can't be written: its message is the code under which the notice is held."""
