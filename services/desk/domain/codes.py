"""The codes that officers and auditors read in tables and files: French, without accents."""

from collections.abc import Mapping
from typing import Final

RESULTS: Final[Mapping[str, str]] = {
    "kept": "tenu",
    "late": "en-retard",
    "overdue": "limite-passee",
    "open": "en-cours",
    "observed": "reponse-vue",
    "closed": "classe-sans-reponse",
    "excluded": "hors-perimetre",
}
"""Of a promise, as desk.judged says it."""

CLOCKS: Final[Mapping[str, str]] = {
    "registration": "enregistrement",
    "receipt": "accuse-automatique",
    "services_publics": "services-publics-plus",
    "acknowledgement": "accuse-de-reception",
    "reply": "reponse",
    "implied_decision": "decision-implicite",
    "holding": "date-annoncee",
    "pieces": "pieces",
    "transmission": "transmission",
}
"""Of clocks (shared/facts/vocabulary.py: ClockName)."""

CHANNELS: Final[Mapping[str, str]] = {
    "email": "courriel",
    "form": "formulaire",
    "letter": "lettre",
    "registered_letter": "lettre-recommandee",
    "hand_delivered": "remis-en-main-propre",
}
"""Of channels (shared/facts/vocabulary.py: Channel)."""

REPLY: Final = CLOCKS["reply"]
COMPLAINT: Final = "reclamation"
"""Of the replies, those to complaints."""
REPLY_NO_COMPLAINT: Final = "reponse-hors-reclamation"
"""Of the replies, those to all but complaints."""

COUNTING_THE_SAME: Final[Mapping[str, frozenset[str]]] = {
    REPLY: frozenset({REPLY, COMPLAINT, REPLY_NO_COMPLAINT}),
    COMPLAINT: frozenset({REPLY, COMPLAINT}),
    REPLY_NO_COMPLAINT: frozenset({REPLY, REPLY_NO_COMPLAINT}),
}
"""By the code of a figure, those that judge some of the same items; any other code only itself."""
