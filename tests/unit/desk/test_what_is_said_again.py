"""After a restore: a person's decision in words that somebody can say again."""

from services.ops.to_say_again import content


def test_what_a_person_said_has_no_id_no_digest_and_no_key() -> None:
    fields = {
        "classification": {"category": "titre-de-sejour", "reason": None, "perimeter": True},
        "service": "bmi",
        "informed": [],
        "danger": False,
        "arrival_id": "220e5171-1980-5672-8691-8c6cef4a452c",
        "pli": "2026/8a140138-5c5f-509c-b57e-a444620544cd/" + "9" * 64,
        "correspondent": "a" * 64,
        "until": "2026-06-01",
    }
    assert list(content(fields)) == [
        "classification.category=titre-de-sejour",
        "classification.perimeter=True",
        "service=bmi",
        "until=2026-06-01",
    ]
