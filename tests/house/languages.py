"""Words of the French and of the English prose of the tree, by which a French identifier is found.

No dictionary is needed: the pages, mails and guide are French, docstrings and decisions English. A
word that the former use twenty times as often as the latter is no English one, or rarely.
"""

import ast
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.house.tree import House

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
CODE = re.compile(
    r"\{[{%#].*?[%}#]\}|<[^>]*>|```.*?```|`[^`]*`|\]\([^)]*\)|\S*[./_=-]\S*", re.DOTALL
)
QUOTED = re.compile(r"«[^»]*»|\*[^*]+\*|“[^”]*”")
RARE = 2
"""How often a word must stand in French prose to be judged."""
AS_OFTEN = 20


@dataclass(frozen=True)
class Languages:
    """How often each word stands in French prose and in English prose, without accents."""

    french: Mapping[str, int]
    english: Mapping[str, int]

    def looks_french(self, word: str) -> bool:
        """Whether a word is one of our French and hardly ever one of our English."""
        if len(word) < 3 or self.french[word] < RARE:
            return False
        of_french = self.french[word] / sum(self.french.values())
        return of_french > AS_OFTEN * self.english[word] / sum(self.english.values())


def read_languages(project: Path, house: House) -> Languages:
    """Counts the words of the guide, pages and mails, and those of docs and docstrings."""
    docs = project / "docs"
    ours = (*(docs / "guide").glob("*.md"), *(project / "deploy/site").rglob("*.j2"))
    french, english = Counter[str](), Counter[str]()
    for path in (*ours, *(project / "services").rglob("*.html")):
        french.update(_words(CODE.sub(" ", path.read_text())))
    for path in docs.rglob("*.md"):
        if "guide" not in path.parts:
            english.update(_words(QUOTED.sub(" ", CODE.sub(" ", path.read_text()))))
    for module in house.program:
        for node in module.nodes:
            if isinstance(node, DOCUMENTED) and (said := ast.get_docstring(node)):
                english.update(_words(QUOTED.sub(" ", CODE.sub(" ", said))))
    return Languages(french, english)


def _words(text: str) -> list[str]:
    """`Délai` is `delai`, as identifiers spell it."""
    plain = unicodedata.normalize("NFD", text.lower())
    return re.findall(r"[a-z]+", "".join(c for c in plain if not unicodedata.combining(c)))
