"""What is refused, in the words that a clerk reads."""

from shared.errors import Refused


class Mistyped(Refused):
    """What was typed into a field makes no sense: the sentence is French and stands beside it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def french(refused: Refused) -> str:
    """The sentence of a refusal."""
    if isinstance(refused, Mistyped):
        return str(refused)
    return "Cette décision n’est pas possible dans l’état actuel du courrier."
