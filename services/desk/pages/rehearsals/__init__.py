"""`/regles/repetition`: the rehearsals that were kept, for whoever applies rules or answers."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.page import Page
from services.desk.pages.rehearsals import rehearsals
from services.desk.rights import Right

PAGES: Final[Sequence[Page]] = (
    Page("/regles/repetition", rehearsals.every, Right.REHEARSE, nav="Répétitions"),
    Page("/regles/repetition/{number:int}", rehearsals.show_rehearsal, Right.REHEARSE),
)
