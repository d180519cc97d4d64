"""What every text to the public says beside its own template: a plain first line, and what is next.

`opening.txt.j2` is one short sentence in ordinary words: who speaks, and what there is to do.
`next.txt.j2` says what happens after a notice, and how its letter is followed; a question on a line
of its own is a heading. Both stand here for sites that write none of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.facts.envelope import Chrono

OPENING: Final = "opening.txt.j2"
NEXT: Final = "next.txt.j2"
LONGEST_OPENING: Final = 120
"""Characters of a plain first line."""
HARD_WORDS: Final = (
    *("accusé", "afférent", "ampliation", "courrier électronique", "diligence", "enregistrement"),
    *("instruction", "modalité", "nonobstant", "préalable", "préjuge", "procédure", "recevabilité"),
    *("relatif", "réputé", "subséquent", "susvisé", "sous réserve", "téléservice", "usager"),
)
"""Words that no plain first line has."""

DEFAULTS: Final[Mapping[str, str]] = {
    OPENING: """{{ office.authority }} :
{%- if kind == 'receipt' %}
 votre message est bien arrivé, ne le renvoyez pas.
{%- elif kind == 'simple' %}
 un service s’occupe de votre demande, inutile de la renvoyer.
{%- elif kind in ('svr', 'sva') %}
 nous étudions votre demande, lisez cette lettre jusqu’à la fin.
{%- elif kind == 'holding_reply' %}
 nous avons besoin de plus de temps, inutile de renvoyer votre demande.
{%- elif kind == 'pieces' %}
 il nous manque des documents, envoyez ceux de la liste plus bas.
{%- elif kind == 'transfer' %}
 une autre administration a votre demande, vous n’avez rien à renvoyer.
{%- elif kind == 'third' %}
 nous avons besoin de votre réponse pour avancer, lisez la date plus bas.
{%- elif kind == 'pointer' %}
 votre démarche se fait sur internet, quelqu’un peut vous aider.
{%- elif kind == 'rectification' %}
 nous nous étions trompés, lisez la correction plus bas.
{%- elif kind == 'reply' %}
 voici notre réponse, lisez-la jusqu’à la fin.
{%- else %}
 nous vous écrivons au sujet de votre demande, lisez la suite.
{%- endif %}
""",
    NEXT: """{% if kind == 'receipt' %}
Et maintenant ?

Une personne va lire votre message
{%- if usual %} et dire quel service vous répond. {{ usual }}{% else %}.{% endif %}

{% endif %}


{% if page %}
Où en est votre demande ?

{% if link %}
Ouvrez ce lien :
{{ link }}

Ou tapez votre numéro et votre code sur {{ page }}
{% else %}
Tapez votre numéro et votre code sur {{ page }}
{% endif %}
- votre numéro : {{ reference }}
- votre code : {{ code }}
{% endif %}
""",
}
"""The texts of both for a site that writes none of its own."""


@dataclass(frozen=True, kw_only=True)
class NextSteps:
    """The values of `next.txt.j2`: the promise made to everybody, the page that follows a letter.

    Each may be empty: then nothing is said of it.
    """

    reference: Chrono
    usual: str = ""
    """The general commitment, in a sentence and without any date."""
    days: int = 0
    """Of the general commitment; 0 without one."""
    working: bool = True
    """Whether these are jours ouvrés."""
    page: str = ""
    """Where number and code are typed."""
    link: str = ""
    """The address of the letter's own page; none on paper."""
    code: str = ""
