"""What a version of the rules changes, in French: the lines of `shared.site.difference`."""

import re
from collections.abc import Sequence
from typing import Final

_SAID: Final[Sequence[tuple[re.Pattern[str], str]]] = (
    (
        re.compile(r"^days: (.+) is worked again \(was: (.*)\)$"),
        "jours : le {} redevient ouvré ({} avant)",
    ),
    (
        re.compile(r"^days: (.+) is no longer worked \((.*)\)$"),
        "jours : le {} n’est plus ouvré ({})",
    ),
    (
        re.compile(r"^days: the calendar goes from (.+) to (.+)$"),
        "jours : le calendrier va du {} au {}",
    ),
    (re.compile(r"^(.+): removed$"), "{} : retiré"),
    (re.compile(r"^(.+): in another order$"), "{} : dans un autre ordre"),
    (re.compile(r"^(.+?): added, (.*)$", re.DOTALL), "{} : ajouté, {}"),
    (re.compile(r"^(.+?): (.*) → (.*)$", re.DOTALL), "{} : {} → {}"),
)


def sentence(line: str) -> str:
    """Formats in French one line of the difference between two versions of the rules.

    Names of tables and fields stay as the site's files write them.
    """
    for pattern, words in _SAID:
        if (found := pattern.match(line)) is not None:
            return words.format(*found.groups())
    return line
