"""An auditor's draw: by the seed alone, of each stratum, and anybody can redo it."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.desk.evidence.domain.sampling import (
    OUTSIDE,
    UNFINISHED,
    Candidate,
    Wanted,
    allocation,
    draw,
    read,
    write_list,
)
from shared.errors import Refused
from shared.facts.quality import DrawMode

SEED = "7 juin"
# `printf '%s\n%s' "7 juin" 36-2026-A-00000N | sha256sum`, lowest first:
# 1 1730c44c…, 6 4628b28b…, 4 53374ed2…, 3 562cf6d9…, 5 bc0b5e79…, 2 c94870eb…
SIZES = st.dictionaries(st.text("abcd/", min_size=1), st.integers(1, 40), min_size=1, max_size=20)
SEEDS = st.text("abc 123", min_size=1).map(lambda text: f"s{text}e")


def candidate(number: int, stratum: str = "bmi/courriel") -> Candidate:
    return Candidate(
        chrono=f"36-2026-A-{number:06}",
        stratum=stratum,
        service="bmi",
        channel="courriel",
        received_on=date(2026, 5, 11),
        result="tenu",
        limit_day=date(2026, 5, 19),
        days=4,
        item_id=UUID(int=number),
    )


def each(count: int, seed: str = SEED) -> Wanted:
    return Wanted(seed, DrawMode.EACH, count)


def total(count: int, seed: str = SEED) -> Wanted:
    return Wanted(seed, DrawMode.TOTAL, count)


def drawn(candidates: list[Candidate], wanted: Wanted) -> list[int]:
    return [
        int(ranked.candidate.chrono[-6:]) for ranked in draw(candidates, wanted) if ranked.drawn
    ]


def test_the_lowest_ranks_of_a_stratum_are_drawn() -> None:
    every = [candidate(number) for number in range(1, 7)]
    assert drawn(every, each(2)) == [1, 6]
    assert drawn(every, total(4)) == [1, 6, 4, 3]


def test_each_stratum_has_its_own_draw_and_what_is_not_finished_none() -> None:
    every = [
        candidate(1), candidate(2), candidate(3, "bmi/lettre"), candidate(4, OUTSIDE),
        candidate(5, OUTSIDE), candidate(6, OUTSIDE), candidate(7, UNFINISHED),
    ]  # fmt: skip
    assert drawn(every, each(1)) == [1, 3, 6]
    assert drawn(every, total(3)) == [1, 3, 6]
    assert sorted(drawn(every, total(50))) == [1, 2, 3, 4, 5, 6]


def test_ten_in_all_is_ten_also_of_seventeen_strata() -> None:
    # Ten strata of four and seven of one: one each is more than ten, so all have the same chance.
    sizes = {f"s{n:02}": 4 if n < 10 else 1 for n in range(17)}
    shares = allocation(sizes, total(10))
    assert sum(shares.values()) == 10
    # 47 items: of four, 0.85 on average; of one, 0.21.
    assert {shares[f"s{n:02}"] for n in range(10)} <= {0, 1}


def test_every_item_of_a_list_has_the_same_chance() -> None:
    # 8 + 1 + 1 items, two drawn: 0.2 for each; over 4,000 seeds 800, and five deviations are 126.
    sizes = {"large": 8, "small": 1, "other": 1}
    found = Counter[str]()
    for number in range(4_000):
        found.update(allocation(sizes, total(2, f"seed {number}")))
    assert sum(found.values()) == 8_000
    assert abs(found["small"] - 800) < 126
    assert abs(found["other"] - 800) < 126


@given(SIZES, SEEDS, st.integers(1, 300))
def test_the_number_asked_for_is_drawn_and_each_stratum_has_its_part(
    sizes: Mapping[str, int], seed: str, count: int
) -> None:
    shares = allocation(sizes, total(count, seed))
    every = sum(sizes.values())
    assert sum(shares.values()) == min(count, every)
    assert all(0 <= shares[one] <= size for one, size in sizes.items())
    if count >= len(sizes):
        assert min(shares.values()) >= 1
    else:
        assert all(abs(shares[one] - count * size / every) < 1 for one, size in sizes.items())


def test_the_rank_is_what_sha256sum_says() -> None:
    (only,) = draw([candidate(1)], each(1))
    assert only.rank.startswith("1730c44c031d")


@given(st.permutations(range(1, 7)), st.integers(1, 7), st.sampled_from([each, total]))
def test_the_order_of_the_list_changes_nothing(
    order: list[int], count: int, mode: Callable[[int], Wanted]
) -> None:
    every = [candidate(number) for number in order]
    assert drawn(every, mode(count)) == [1, 6, 4, 3, 5, 2][:count]


@pytest.mark.parametrize("seed", ["", " 7", "7\n8", "7" * 101])
def test_a_seed_is_one_line_that_can_be_typed_again(seed: str) -> None:
    with pytest.raises(Refused, match="one line of 1 to 100"):
        draw([candidate(1)], each(1, seed))


def test_a_frozen_list_is_read_as_it_was_written_and_one_sign_is_one_digest() -> None:
    masked = Candidate("36-2026-A-000002", "reserve", "", "", None, "", None, -1, UUID(int=2))
    text = write_list([masked, candidate(1)])
    assert text == (
        "numero,strate,service,canal,recu_le,resultat,limite,jours_ouvres,courrier\n"
        "36-2026-A-000001,bmi/courriel,bmi,courriel,2026-05-11,tenu,2026-05-19,4,"
        "00000000-0000-0000-0000-000000000001\n"
        "36-2026-A-000002,reserve,,,,,,,00000000-0000-0000-0000-000000000002\n"
    )
    assert read(text) == [candidate(1), masked]
    assert [candidate.masked for candidate in read(text)] == [False, True]
