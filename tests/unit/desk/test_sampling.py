"""An auditor's draw: by the seed alone, of each service and channel, and anybody can redo it."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.desk.domain.sampling import Candidate, draw
from shared.errors import Refused

SEED = "7 juin"
# `printf '%s\n%s' "7 juin" 36-2026-A-00000N | sha256sum`, lowest first:
# 1 1730c44c…, 6 4628b28b…, 4 53374ed2…, 3 562cf6d9…, 5 bc0b5e79…, 2 c94870eb…


def candidate(number: int, service: str = "bmi", channel: str = "email") -> Candidate:
    return Candidate(
        chrono=f"36-2026-A-{number:06}",
        item_id=UUID(int=number),
        service=service,
        channel=channel,
        received_on=date(2026, 5, 11),
        result="kept",
        limit_day=date(2026, 5, 19),
        days=4,
    )


def drawn(candidates: list[Candidate], seed: str = SEED, each: int = 2) -> list[int]:
    return [int(one.candidate.chrono[-6:]) for one in draw(candidates, seed, each) if one.drawn]


def test_the_lowest_ranks_of_a_group_are_drawn() -> None:
    every = [candidate(number) for number in range(1, 7)]
    assert drawn(every) == [1, 6]
    assert drawn(every, each=4) == [1, 6, 4, 3]


def test_each_service_and_channel_has_its_own_draw() -> None:
    every = [
        candidate(1), candidate(2), candidate(3, channel="letter"), candidate(4, "dre"),
        candidate(5, "dre"), candidate(6, "dre"),
    ]  # fmt: skip
    assert drawn(every, each=1) == [1, 3, 6]


def test_the_rank_is_what_sha256sum_says() -> None:
    (only,) = draw([candidate(1)], SEED, 1)
    assert only.rank.startswith("1730c44c031d")


@given(st.permutations(range(1, 7)), st.integers(1, 7))
def test_the_order_of_the_list_changes_nothing(order: list[int], each: int) -> None:
    assert drawn([candidate(number) for number in order], each=each) == [1, 6, 4, 3, 5, 2][:each]


@pytest.mark.parametrize("seed", ["", " 7", "7\n8", "7" * 101])
def test_a_seed_is_one_line_that_can_be_typed_again(seed: str) -> None:
    with pytest.raises(Refused, match="one line of 1 to 100"):
        draw([candidate(1)], seed, 1)
