"""What a mail folder's failure says, and how long the folder waits before another try."""

from services.ingest.mailbox import AccessRefused, MailFailure
from shared.errors import VaguemestreError
from shared.platform.backoff import pause_after
from shared.platform.observability.logs import where

PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""For a mail server that is away: it is not ours, and may count our tries."""
REFUSED_PAUSE = 300.0


def why(error: Exception) -> str:
    """Describes a failure to read a mailbox in a sentence for the log, without any content."""
    if isinstance(error, VaguemestreError):
        return str(error)
    return f"Reading it failed ({type(error).__name__} at {where(error)})."


def pause(error: Exception, failures: int) -> float:
    """Returns the retry backoff of a mailbox in seconds, after so many failures in a row."""
    match error:
        case AccessRefused():
            return REFUSED_PAUSE
        case MailFailure():
            return pause_after(failures, PAUSES)
        case _:
            return pause_after(failures)
