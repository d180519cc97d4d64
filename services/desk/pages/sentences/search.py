"""Refusals of exports and imports."""

from collections.abc import Mapping
from typing import Final

_MAP: Final = "dites lequel dans la correspondance"

SENTENCES: Final[Mapping[str, str]] = {
    "no-such-file": "Ce n’est pas un fichier .xlsx, .ods ou .csv.",
    "list-too-long": "La liste dépasse {most} lignes : ajoutez un filtre, ou choisissez un autre"
    " format.",
    # The file.
    "import-too-large": "Le fichier est trop grand : découpez-le.",
    "import-unreadable": "Le fichier ne se lit pas : enregistrez-le de nouveau en .xlsx, .ods ou"
    " .csv.",
    "import-no-titles": "Aucune ligne de titres n’a été trouvée dans le fichier.",
    "import-no-day": "Aucune colonne ne donne la date de réception : choisissez-la.",
    "import-mapping": "La correspondance ne se lit pas.",
    "import-twice": "Deux colonnes disent la même chose : laissez-en une de côté.",
    "import-next": "Ce numéro est déjà pris : le prochain est {number}.",
    "import-gone": "Ce fichier n’est plus là : choisissez-le de nouveau.",
    # A line.
    "import-line-no-day": "Elle n’a pas de date de réception.",
    "import-line-no-such-day": "« {said} » n’est pas une date.",
    "import-line-day": "Le {day} ne peut pas être sa date de réception.",
    "import-line-answered": "Sa réponse serait antérieure à sa réception.",
    "import-line-since": "Elle a été reçue depuis la mise en service : enregistrez-la au guichet,"
    " ses délais courent.",
    "import-line-number": "Le numéro {number} est encore à donner : indiquez le prochain numéro.",
    "import-line-whose": "Elle ne dit ni le service ni la catégorie.",
    "import-line-service": f"Le service « {{said}} » n’est pas connu : {_MAP}.",
    "import-line-category": f"La catégorie « {{said}} » n’est pas connue : {_MAP}.",
    "import-line-agent": f"L’agent « {{said}} » n’est pas connu : {_MAP}.",
    "import-line-channel": f"« {{said}} » n’est pas une voie d’arrivée connue : {_MAP}.",
    "import-line-member": "{person} ne travaille pas dans ce service ({service}).",
    "import-line-double": "Elle porte le numéro de la ligne {line}, ou dit la même chose.",
    "import-line-borne": "Un autre courrier porte déjà le numéro {chrono}.",
}
