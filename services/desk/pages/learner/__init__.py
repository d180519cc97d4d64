"""`/bureau/apprentissage`: what the register learned from its clerks, and how right it was."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.learner import learner_figures
from services.desk.pages.page import Page
from services.desk.rights import Right

PAGES: Final[Sequence[Page]] = (
    Page("/bureau/apprentissage", learner_figures.show_figures, Right.SORT),
)
