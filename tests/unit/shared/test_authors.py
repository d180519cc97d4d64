"""Who stated a fact: one word on the wire, made and read in one place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.facts.authors import (
    AuthorKind,
    FactAuthor,
    author_of,
    by_account,
    by_person,
    by_rule,
    by_service,
    by_source,
    person_of,
)


@given(st.sampled_from(AuthorKind), st.text(min_size=1))
def test_an_author_is_read_as_it_was_written(kind: AuthorKind, name: str) -> None:
    assert author_of(str(FactAuthor(kind, name))) == FactAuthor(kind, name)
    assert person_of(str(FactAuthor(kind, name))) == (name if kind is AuthorKind.PERSON else None)


def test_the_words_on_the_wire_are_those_that_facts_have() -> None:
    assert by_person("m.durand") == "person:m.durand"
    assert by_rule("newsletters") == "rule:newsletters"
    assert by_source("mailbox:pref-bmi") == "source:mailbox:pref-bmi"
    assert by_service("sla") == "service:sla"
    assert by_account("local") == "account:local"


@pytest.mark.parametrize("by", ["", "person", "person:", "m.durand", "robot:x", "Person:x"])
def test_what_is_no_author_is_none(by: str) -> None:
    assert author_of(by) is None
    assert person_of(by) is None
