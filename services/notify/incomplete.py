"""Why a text can't be written."""

from shared.errors import PermanentFailure


class Incomplete(PermanentFailure):
    """The text of a notice can't be written: the message is the code for holding it."""
