"""What would remove the reason for which a message is held, in a sentence."""

from collections.abc import Mapping
from typing import Final

from shared.facts.vocabulary import AUTOMATIC, NoticeKind, SenderKind

_ADDRESS: Final = "donnez une adresse électronique, ou imprimez"
_RULES: Final = "demandez à l’administrateur de compléter les règles du site"
_AGAIN: Final = "abandonnez-le, puis demandez-le de nouveau"
_LOOK: Final = "relisez-le, puis laissez-le partir ou abandonnez-le"
WHO_WRITES: Final = "dites qui écrit : il part alors de lui-même"

REMEDIES: Final[Mapping[str, str]] = {
    "not_live": "il part à la mise en service",
    "stale": _LOOK,
    "no_rule": "laissez-le partir ; une ligne de notices.yaml l’éviterait",
    "attachments_unread": "ouvrez-les, puis laissez-le partir ; lues, il part de lui-même",
    "address_bounced": _ADDRESS,
    "no_address": _ADDRESS,
    "unusable_address": _ADDRESS,
    "regime_not_confirmed": "confirmez ce que vaut le silence",
    "file_incomplete": "notez les pièces reçues : il part alors de lui-même, avec sa date",
    "pieces_being_asked": "attendez que la demande de pièces soit partie",
    "start_forbidden": "confirmez de nouveau ce que vaut le silence",
    "period_over": _LOOK,
    "thread_told_today": "laissez-le partir si cette personne doit le recevoir aussi",
    "many_today": "laissez-le partir si cette personne doit le recevoir aussi",
    "no_answer_twice": "demandez à la personne si elle l’a reçu",
    "no_delegation": "abandonnez-le, et mettez le courrier à la signature",
    "author_unknown": _AGAIN,
    "text_missing": _AGAIN,
    "date_missing": _AGAIN,
    "label_missing": _RULES,
    "template_unusable": _RULES,
    "no_teleservice": _RULES,
    "unknown_service": _RULES,
    "unwritable": "essayez encore ; sinon, l’exploitation a la trace de ce qui manque",
}


def remedy(why: str | None, kind: NoticeKind, sender: SenderKind | None = None) -> str:
    """Returns a French sentence that says what to do about a notice that is held back."""
    if why is not None and why in REMEDIES:
        return REMEDIES[why]
    if sender is SenderKind.UNKNOWN and kind in AUTOMATIC:
        return WHO_WRITES
    return _LOOK
