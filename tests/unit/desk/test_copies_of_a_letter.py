"""To whom copies of a letter go: as a clerk writes addresses, within ten."""

import pytest

from services.desk.letters.domain.copies import MOST_COPIES, read_copies
from shared.errors import Refused

SENDER = "jeanne@exemple.fr"
WATCHED = frozenset({"pref-bmi@indre.example"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        (" , ;\n", ()),
        ("mairie@issoudun.example", ("mairie@issoudun.example",)),
        ("a@x.example, b@x.example;c@x.example\nd@x.example",
         ("a@x.example", "b@x.example", "c@x.example", "d@x.example")),
        ("Mairie d’Issoudun <mairie@issoudun.example>", ("mairie@issoudun.example",)),
        ('"Dupont, Jean" <jean@x.example>, "Le maire; cabinet" <m@x.example>;c@x.example',
         ("jean@x.example", "m@x.example", "c@x.example")),
        ("A@x.example, a@X.example", ("A@x.example",)),
        ("Jeanne@Exemple.fr, a@x.example", ("a@x.example",)),
        ("maire@é.example", ("maire@xn--9ca.example",)),
    ],
)  # fmt: skip
def test_addresses_are_read_once_each_as_a_clerk_writes_them(
    text: str, expected: tuple[str, ...]
) -> None:
    assert read_copies(text, SENDER, WATCHED) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("le maire", "letter-copy-address"),
        ("élue@cher.example", "letter-copy-address"),
        ("a@x.example b@x.example", "letter-copy-address"),
        ('"Dupont, Jean <jean@x.example>', "letter-copy-address"),
        ("=?utf-8?q?a=40evil.example=2Cb?=@x.example", "letter-copy-address"),
        ("a@x.example\rBcc: b@x.example", "letter-copy-address"),
        ("Le service <Pref-BMI@indre.example>", "letter-copy-watched"),
        (",".join(f"a{n}@x.example" for n in range(MOST_COPIES + 1)), "letter-copies-many"),
    ],
)
def test_what_can_get_no_copy_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_copies(text, SENDER, WATCHED)
    assert refused.value.why == code


def test_ten_copies_leave() -> None:
    ten = [f"a{n}@x.example" for n in range(MOST_COPIES)]
    assert read_copies("\n".join(ten), SENDER, WATCHED) == tuple(ten)
