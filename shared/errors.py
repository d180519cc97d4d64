"""Every error that crosses a module says whether trying again helps.

VaguemestreError
├── TemporaryFailure    the same attempt may succeed later: wait and try again
└── PermanentFailure    it never will: set the thing aside with this reason, or tell the person
    └── Refused         a person asked for something that makes no sense here; the text says why
"""


class VaguemestreError(Exception):
    """The base of the program's errors: its text is one sentence for whoever must act.

    It names no person.
    """


class TemporaryFailure(VaguemestreError):  # noqa: N818  (the name says what it means, not that it is one)
    """A failure that may pass (server away, disk full, file half written): a retry helps."""


class PermanentFailure(VaguemestreError):  # noqa: N818  (as above)
    """A failure that stays (malformed or contradictory data): a retry never helps."""


class Refused(PermanentFailure):
    """Raised when a person's decision makes no sense for an item or may not be taken; says why.

    The sentence is English, for the command line. `why` and the values `said` name the same refusal
    for whoever says it in other words: the pages of desk, in French.
    """

    def __init__(self, sentence: str, why: str = "", **said: object) -> None:
        super().__init__(sentence)
        self.why = why
        self.said = said
