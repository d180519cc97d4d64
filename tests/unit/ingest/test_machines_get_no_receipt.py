"""A machine is never answered and a person always is: 20,000 and 2,000 made mails.

The suite takes a share of them; HYPOTHESIS_PROFILE=thorough takes them all.
"""

import os

import pytest

from services.notify.domain.policy import SendNow
from tests.machine_layouts import LAYOUTS
from tests.machine_mails import machines, people
from tests.receipts import receipt_of

SEED = 36_000
ALL = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
MACHINES = 20_000 if ALL else 1_400
PEOPLE = 2_000 if ALL else 200


def test_no_receipt_leaves_to_any_of_the_machines() -> None:
    answered = [
        (layout, octets)
        for layout, octets in machines(SEED, MACHINES)
        if isinstance(receipt_of(octets), SendNow)
    ]
    assert answered == []


def test_every_person_gets_a_receipt() -> None:
    verdicts = [receipt_of(octets) for octets in people(SEED, PEOPLE)]
    assert [verdict for verdict in verdicts if not isinstance(verdict, SendNow)] == []


@pytest.mark.parametrize("layout", [layout.__name__ for layout in LAYOUTS])
def test_each_layout_differs_from_mail_to_mail(layout: str) -> None:
    made = [octets for name, octets in machines(SEED, 20 * len(LAYOUTS)) if name == layout]
    assert len(made) == len(set(made)) == 20
