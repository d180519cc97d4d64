"""Every refusal of the register has its French sentence, with the values that it names."""

import ast
import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from services.desk.french.names import Names
from services.desk.pages import sentences
from services.desk.pages.refusals import french
from services.desk.pages.sentences import SENTENCES
from shared.errors import Refused
from shared.facts.envelope import PersonId
from shared.site.staff.directory import Directory
from shared.web.forms import Mistyped
from tests.desk_builders import a_site, some_people

ROOT = Path(__file__).resolve().parents[3]
DECIDES = (
    "services/desk/domain",
    "services/desk/store",
    "services/desk/quality",
    "services/desk/decider.py",
)
NAMES = Names(a_site(), Directory({PersonId(p.id): p for p in some_people().people}, (), {}))


def _refusals() -> Iterator[tuple[str, ast.Call]]:
    for place in DECIDES:
        path = ROOT / place
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                match node:
                    case ast.Raise(exc=ast.Call(func=ast.Name(id="Refused")) as call):
                        yield f"{file.relative_to(ROOT)}:{node.lineno}", call


def test_every_refusal_of_a_decision_has_a_french_sentence_with_its_values() -> None:
    found = list(_refusals())
    assert len(found) > 50
    wrong = []
    for where, call in found:
        why = call.args[1].value if len(call.args) > 1 else None  # type: ignore[attr-defined]  # of this kind here
        given = {keyword.arg for keyword in call.keywords}
        wanted = set(re.findall(r"{(\w+)}", SENTENCES.get(str(why), "")))
        if why not in SENTENCES or wanted - given:
            wrong.append((where, why, wanted - given))
    assert not wrong, wrong


NOT_A_MEMBER = (
    "Camille A.gent ne travaille pas dans ce service (Bureau dre) : choisissez quelqu’un du"
    " service, ou le service seul."
)


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (
            Refused("…", "day-not-worked", day=date(2026, 5, 14), off="jeudi de l’Ascension",
                    following=date(2026, 5, 15)),
            "Le 14/05/2026 n’est pas travaillé (jeudi de l’Ascension) : prenez le 15/05/2026.",
        ),
        (
            Refused("…", "not-a-member", person="a.gent", service="dre"),
            NOT_A_MEMBER,
        ),
        (
            Refused("…", "month-not-over", month=date(2027, 4, 1)),
            "Le mois d’avril 2027 n’est pas fini : il se clôt à partir du mois suivant.",
        ),
        (Mistyped("day", "Donnez une date."), "Donnez une date."),
    ],
)  # fmt: skip
def test_a_refusal_is_said_with_names_and_french_days(refused: Refused, sentence: str) -> None:
    assert french(refused, NAMES) == sentence


def test_no_word_of_a_refusal_stands_in_two_tables() -> None:
    tables = [
        importlib.import_module(module.name).SENTENCES
        for module in pkgutil.iter_modules(sentences.__path__, f"{sentences.__name__}.")
    ]
    words = Counter(word for table in tables for word in table)
    assert [word for word, times in words.items() if times > 1] == []
    assert set(words) == set(sentences.SENTENCES)
