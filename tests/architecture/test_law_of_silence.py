"""One place counts legal periods: no other adds months to a date."""

from tests.architecture.test_anatomy import PROJECT, ours

COUNTS = "shared/site/implied_decision.py"
OTHERS = {
    "shared/calendar/working_days.py": "defines it",
    "services/desk/retention/blob_deletion.py": "six months of what was set aside, no period",
    "services/desk/quality/invitation_job.py": "months between two invitations, no period",
    "services/notify/survey_invitations.py": "months between two invitations, no period",
    "services/desk/domain/retention.py": "months of retention, no legal period of a request",
}
"""Who else names it, each with its reason."""


def test_only_the_law_of_silence_adds_months_to_a_date() -> None:
    naming = {
        str(path.relative_to(PROJECT))
        for path in ours("services", "shared", "deploy")
        if path.suffix == ".py" and "add_months" in path.read_text(encoding="utf-8")
    }
    assert naming == {COUNTS, *OTHERS}


def test_nobody_else_works_out_the_period_of_a_regime() -> None:
    naming = {
        str(path.relative_to(PROJECT))
        for path in ours("services", "shared", "deploy")
        if path.suffix == ".py" and ".period.n" in path.read_text(encoding="utf-8")
    }
    assert not naming
