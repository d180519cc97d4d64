"""« Merci » and nothing else: what asks for no answer, and for no receipt once we have answered.

In doubt it is no mere thanks: a receipt too many does less harm than a demand unacknowledged.
"""

import re

from shared.content.phrases import fold

_MOST_WORDS = 40
_THANKS = re.compile(r" (merci|mercis|remercie|remercions|remerciements?|remerciant|thanks|thank) ")
_ASKING_BY_THANKS = re.compile(
    r" (merci|remercie|remercions|remerciant) (par |d |de |en )?"
    r"(avance|me |m |nous |bien |vouloir |faire |ne |le |la |les |leur |lui |"
    r"(?![nv]otre )\w+(er|ir|re) )"
)
""" « Merci de me répondre », « merci d'avance » ask."""
_MORE = re.compile(
    r" (mais|cependant|toutefois|pourtant|neanmoins|sauf|par contre|en revanche|pouvez|pourriez|"
    r"pourrez|souhaite|souhaiterais|souhaitons|voudrais|voudrions|aimerais|demande|demandons|"
    r"besoin|ci joint|ci joints|ci jointe|ci jointes|joins|piece|pieces|document|documents|quand|"
    r"comment|combien|pourquoi|attends|attendons|attente|toujours pas|pas recu|relance|rappelle|"
    r"erreur|manque|question|questions|autre|nouveau|nouvelle|encore|aussi|egalement|urgent|"
    r"conteste|recours|plainte|reclamation|dossier n|but|please|could|can you|however) "
)


def only_thanks(text: str, *, attached: bool) -> bool:
    """Whether the sender's own text in an email is at most 40 words of thanks and asks nothing.

    Never with an attachment.
    """
    if attached or "?" in text:
        return False
    plain = fold(text)
    return (
        0 < len(plain.split()) <= _MOST_WORDS
        and _THANKS.search(plain) is not None
        and _ASKING_BY_THANKS.search(plain) is None
        and _MORE.search(plain) is None
    )
