"""Refusals of exports and imports."""

from collections.abc import Mapping
from typing import Final

SENTENCES: Final[Mapping[str, str]] = {
    "no-such-file": "Ce n’est pas un fichier .xlsx, .ods ou .csv.",
    "list-too-long": "La liste dépasse {most} lignes : ajoutez un filtre, ou choisissez un autre"
    " format.",
}
