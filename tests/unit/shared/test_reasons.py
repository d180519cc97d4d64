"""Every code for which a machine is not answered has its French words."""

import pytest

from services.ingest.domain import robots
from shared.site.tables.code_labels import REASONS
from shared.site.tables.labels import Labels


def test_the_reason_for_which_a_machine_hears_nothing_is_said_in_french() -> None:
    said = Labels().reason("automatic.no-address")
    assert said == "aucune adresse pour répondre"


@pytest.mark.parametrize("code", sorted({*robots.WHY_SILENT, "dmarc-failed"}))
def test_every_sign_of_a_machine_is_said_in_words(code: str) -> None:
    assert Labels().reason(f"automatic.{code}") == REASONS[code]


def test_what_the_site_says_of_one_stands_before_our_own_words() -> None:
    ours = Labels(reasons={"no-address": "sans adresse"})
    assert ours.reason("automatic.no-address") == "sans adresse"
