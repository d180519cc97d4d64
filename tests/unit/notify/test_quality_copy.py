"""The copy that notify keeps of a quality fact: the very hash that the register compares with."""

import json
from pathlib import Path

import pytest

from deploy.reference.asyncapi import FACTS
from services.notify.store.quality import digest_of
from shared.facts.envelope import Topic
from shared.facts.quality import QUALITY

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.mark.parametrize("name", sorted(fact.__name__ for fact in FACTS[Topic.QUALITY]))
def test_the_copy_is_the_hash_that_the_register_would_say(name: str) -> None:
    """As `quality_heard_otherwise` reads it; else each night names a difference that is none."""
    octets = (GOLDEN / f"{name}.json").read_bytes()
    said = json.loads(octets)
    told = next((said[key] for key in ("sha256", "hash", "frame", "closed") if said.get(key)), "")
    assert digest_of(QUALITY.validate_json(octets)) == told
