"""The table of RGAA criteria is whole, prints its share, and claims no more than is declared."""

import re
from collections import Counter
from pathlib import Path
from typing import Final

from shared.site.load import load_folder

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = (ROOT / "docs/guide/rgaa.md").read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")
THEMES: Final = (9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12)
"""Criteria of each theme of RGAA 4.1: 106."""
ROWS: Final = re.findall(r"^\| (\d+\.\d+) ([^|]+) \| ([^|]+) \| ([^|]*) ?\|$", PAGE, re.MULTILINE)


def test_every_criterion_of_rgaa_has_one_row_in_order() -> None:
    wanted = [f"{theme}.{n}" for theme, most in enumerate(THEMES, 1) for n in range(1, most + 1)]
    assert len(wanted) == 106
    assert [row[0] for row in ROWS] == wanted


def test_what_is_not_held_says_why() -> None:
    known = {"oui", "non", "à vérifier", "sans objet"}
    assert {row[2] for row in ROWS} <= known
    silent = {row[0] for row in ROWS if row[2] in {"non", "sans objet"} and not row[3].strip()}
    assert silent == set()


def test_the_share_that_is_printed_is_that_of_the_rows() -> None:
    counts = Counter(row[2] for row in ROWS)
    held, applies = counts["oui"], len(ROWS) - counts["sans objet"]
    said = re.search(r"Tenus : (\d+) sur (\d+) critères applicables, soit (\d+) %", PAGE)
    assert said is not None
    assert tuple(map(int, said.groups())) == (held, applies, 100 * held // applies)


def test_the_declaration_of_the_example_claims_no_conformity_that_nobody_audited() -> None:
    identity = load_folder(ROOT / "deploy/site/indre").identity
    assert identity.accessibility.state == "non conforme"
