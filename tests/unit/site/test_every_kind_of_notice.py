"""Each kind of notice has its text, its sample, its names in French and its place in the example.

What mypy does not ask of whoever adds a kind (docs/how-to/add-a-notice-kind.md).
"""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from services.desk.domain.dispatch import Dispatch, fact_of
from services.desk.domain.paper_letters import POSTED, letter_of
from services.desk.domain.stamp import Stamp
from services.desk.french import labels_fr as register_words
from services.notify.app import ABOUT_NO_ITEM
from services.notify.domain import labels_fr as notice_words
from services.notify.domain.calls import OURS
from shared.facts.envelope import ItemId
from shared.facts.vocabulary import NoticeKind, Proof, Way
from shared.site.tables.bundle import Site
from shared.site.texts.pages import Inside
from shared.site.texts.samples import samples
from shared.site.texts.templates import CONTEXTS, DEFAULTS, render, template_of

WITHOUT_TEMPLATE = {NoticeKind.SURVEY}
"""Its text is the same everywhere: services/notify/survey_message.py."""
WRITTEN = sorted(set(NoticeKind) - WITHOUT_TEMPLATE)
JUDGED = sorted(set(NoticeKind) - ABOUT_NO_ITEM.keys())


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_kind_has_a_name_at_the_desk_and_one_in_digests(kind: NoticeKind) -> None:
    assert register_words.NOTICES.get(kind), "services/desk/french/labels_fr.py"
    assert notice_words.NOTICES.get(kind), "services/notify/domain/labels_fr.py"


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_kind_has_a_text_and_samples_that_fill_it(indre: Site, kind: NoticeKind) -> None:
    assert kind in CONTEXTS, "shared/site/texts/templates.py"
    assert template_of(kind) in {*DEFAULTS, *indre.templates}
    found = samples(kind)
    assert found, "shared/site/texts/samples.py"
    for sample in found:
        assert type(sample) is CONTEXTS[kind]
        assert render(indre.templates, sample).subject


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_kind_is_for_our_own_people_or_for_the_public(kind: NoticeKind) -> None:
    assert (kind in OURS) == issubclass(CONTEXTS[kind], Inside), "services/notify/domain/calls.py"


@pytest.mark.parametrize("kind", JUDGED)
def test_the_example_says_of_a_kind_whether_it_leaves_and_until_when(
    indre: Site, kind: NoticeKind
) -> None:
    assert any(kind in row.kinds for row in indre.notices.rows), "notices.yaml, rows"
    assert any(row.kind is kind for row in indre.notices.stale), "notices.yaml, stale"


@pytest.mark.parametrize("kind", POSTED)
def test_a_kind_whose_departure_is_keyed_gives_its_item_a_letter(kind: NoticeKind) -> None:
    monday = datetime(2026, 5, 11, tzinfo=UTC)
    stamp = Stamp(ItemId(UUID(int=1)), 0, UUID(int=2), "person:x", monday)
    posted = Dispatch(kind, monday, Way.PAPER, Proof.KEYED, until=date(2026, 6, 1))
    fact = fact_of(posted, stamp)
    assert fact is not None
    letter = letter_of(fact, kind)
    assert letter is not None
    assert letter.kind is kind
