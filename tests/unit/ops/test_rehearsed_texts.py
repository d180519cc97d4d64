"""A rehearsal tells a notice's text apart by every template of which it is made."""

import pytest

from services.ops.rehearsal.notice_walk import NoticeRules
from shared.facts.vocabulary import NoticeKind, Way
from tests.unit.notify.test_texts_that_the_law_asks_for import indre

RECEIPT, DIGEST = NoticeKind.RECEIPT, NoticeKind.DIGEST


def rules(**texts: str) -> NoticeRules:
    """The example's rules, with other texts (`en__receipt` is en/receipt.txt.j2)."""
    applied, _ = indre()
    named = {f"{name.replace('__', '/')}.txt.j2": text for name, text in texts.items()}
    site = applied.site.model_copy(update={"templates": {**applied.site.templates, **named}})
    return NoticeRules(applied.model_copy(update={"site": site}))


@pytest.mark.parametrize("name", ["receipt", "opening", "next", "en__receipt", "en__next"])
def test_another_text_of_a_receipt_is_another_mail(name: str) -> None:
    before, after = rules(), rules(**{name: "Autre chose."})
    assert before.text(RECEIPT, Way.MAIL) != after.text(RECEIPT, Way.MAIL)
    assert before.text(DIGEST, Way.MAIL) == after.text(DIGEST, Way.MAIL)


@pytest.mark.parametrize("name", ["en__receipt", "de__receipt"])
def test_a_translation_changes_no_paper_and_another_language_nothing(name: str) -> None:
    before, after = rules(), rules(**{name: "Something else."})
    assert before.text(RECEIPT, Way.PAPER) == after.text(RECEIPT, Way.PAPER)
    same = before.text(RECEIPT, Way.MAIL) == after.text(RECEIPT, Way.MAIL)
    assert same is (name == "de__receipt")
