"""The second chapter of the demo says what it brings: its tables agree with its expectations."""

from collections import Counter
from datetime import date

import yaml

from deploy.demo.chapter2.chapter import HERE, read_chapter
from deploy.demo.chapter2.judge import EXPECTED
from deploy.demo.chapter2.page_text import plain, rows_of

WRITTEN = yaml.safe_load((HERE / "mails.yaml").read_text(encoding="utf-8"))
HOLIDAYS = {date(2026, 7, 14), date(2026, 11, 11), date(2026, 12, 25)}
PRENOM_ACCENTS = Counter({"2026-06": 1})
"""The one mail of June that the first chapter has answered in time."""


def test_it_has_34_complaints_212_sheets_and_no_day_on_which_nobody_works() -> None:
    days = read_chapter()
    assert sum(" --nature complaint " in line for day in days for line in day.sorts) == 34
    sheets = [group for day in days for act in day.acts for group in act.get("sheets", ())]
    assert sum(group["n"] for group in sheets) == 212
    assert {len(group["answers"]) for group in sheets} == {12}
    assert [day.on for day in days if day.on.weekday() > 4 or day.on in HOLIDAYS] == []


def test_what_people_type_is_text() -> None:
    """A comma in a flow mapping would make a field of half a sentence."""
    acts = [act for day in read_chapter() for act in day.acts]
    typed = [value for act in acts for value in act.get("typed", {}).values()]
    texts = [text for value in typed for text in (value if isinstance(value, list) else [value])]
    assert [text for text in texts if not isinstance(text, str)] == []


def test_each_mail_is_known_by_its_name_box_and_moment() -> None:
    mails = [mail for day in read_chapter() for mail in day.mails]
    assert len({mail["id"] for mail in mails}) == len(mails) == 144
    assert len({(mail["to"][0], mail["taken"]) for mail in mails}) == len(mails)
    assert len({mail["from"] for mail in mails}) == len(mails)


def test_the_months_that_are_expected_are_those_that_come_in() -> None:
    groups = [*WRITTEN["requests"], *({**row, "n": 1} for row in WRITTEN["complaints"])]
    judged, late = Counter(PRENOM_ACCENTS), Counter[str]()
    for group in groups:
        month = f"{group['day']:%Y-%m}"
        judged[month] += group["n"]
        late[month] += group["n"] if group.get("late") else 0
    expected = yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))["closed"]
    closed = {month: [judged[month] - late[month], judged[month]] for month in judged}
    assert closed == {month: counts for month, counts in expected.items() if month > "2026-05"}


def test_rows_and_words_of_a_page_are_read_as_they_stand() -> None:
    page = (
        "<nav>Menu</nav><main><p>Dit :&nbsp;<strong>oui</strong>.</p><table>"
        "<tr><th>mai</th><td>29</td><td>37\xa0</td></tr></table>"
        "<dl><dt>Mois clos</dt><dd>8 sur 12</dd></dl></main>"
    )
    assert plain(page) == "Dit : oui. mai 29 37 Mois clos 8 sur 12"
    assert list(rows_of(page)) == ["mai | 29 | 37", "Mois clos | 8 sur 12"]
