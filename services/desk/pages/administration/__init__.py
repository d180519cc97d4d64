"""`/administration`: how the installation stands and which rules are in force, for who governs."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.administration import rules_in_force, state
from services.desk.pages.page import Page
from services.desk.rights import Right

PAGES: Final[Sequence[Page]] = (
    Page(state.URL, state.show_state, Right.GOVERN, nav="Administration"),
    Page(rules_in_force.URL, rules_in_force.show_versions, Right.REHEARSE, nav="Règles en vigueur"),
    Page(rules_in_force.VERSION, rules_in_force.show_version, Right.REHEARSE),
)
