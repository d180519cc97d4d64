"""The state of an engagement, case by case as an auditor would judge it by hand."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.desk.quality.domain.engagement_states import (
    ClosedFigure,
    EngagementState,
    ProofGap,
    figure_key,
    standing,
)
from services.desk.quality.domain.label_facts import AuditFinding, FiledProof
from shared.facts.envelope import Digest, EventId
from shared.facts.quality.base import SubjectId
from shared.facts.quality.label import FindingGrade, FindingLifted, FindingStated, ProofHeld
from shared.facts.vocabulary import Channel
from shared.site.tables.quality import EngagementRow, Evidence, EvidenceKind
from shared.values import Certainty, Source

SOURCE = Source(text="écrit à la main", certainty=Certainty.LIKELY)
TODAY = date(2026, 7, 2)
SPRING = (date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1))
REPLIES = Evidence(
    kind=EvidenceKind.FIGURE, code="reponse", channels=(Channel.EMAIL,), text="Réponses"
)
CHECKED = Evidence(kind=EvidenceKind.CHECK, code="liste", text="Liste relue")
RESULTS = Evidence(kind=EvidenceKind.DOCUMENT, code="resultats", text="Résultats")


def row(*pieces: Evidence, every: int = 3) -> EngagementRow:
    return EngagementRow(
        id="accueil", module=1, text="Une promesse", rule="Sa règle", evidence=pieces, every=every,
        owner="bmi", target=0.9, source=SOURCE,
    )  # fmt: skip


def proof(
    on: str, kind: str = "check", code: str = "liste", until: str | None = None
) -> FiledProof:
    valid = None if until is None else date.fromisoformat(until)
    day = date.fromisoformat(on)
    return FiledProof(1, "accueil", kind, code, day, valid, ProofHeld.YES, "person:q.officer")


@pytest.mark.parametrize(
    ("figure", "state", "gap"),
    [
        (
            ClosedFigure(SPRING, 27, 30),
            EngagementState.KEPT,
            ProofGap.NONE,
        ),
        (ClosedFigure(SPRING, 26, 30), EngagementState.GAP, ProofGap.BELOW),
        (ClosedFigure(SPRING, 29, 29), EngagementState.INCONCLUSIVE, ProofGap.FEW),
        # 31 of 80 answered when the months were closed: 49 may turn it either way.
        (ClosedFigure(SPRING, 31, 31, 49), EngagementState.INCONCLUSIVE, ProofGap.WAITING),
        (ClosedFigure(SPRING, 90, 90, 10), EngagementState.KEPT, ProofGap.NONE),
        (ClosedFigure(SPRING, 90, 90, 11), EngagementState.INCONCLUSIVE, ProofGap.WAITING),
        (ClosedFigure(SPRING, 80, 90, 10), EngagementState.INCONCLUSIVE, ProofGap.WAITING),
        (ClosedFigure(SPRING, 79, 90, 10), EngagementState.GAP, ProofGap.BELOW),
        # 30 of 30, of which eight were late after all.
        (
            ClosedFigure(SPRING, 30, 30, corrected=8, lost=8),
            EngagementState.INCONCLUSIVE,
            ProofGap.CORRECTED,
        ),
        (ClosedFigure(SPRING, 30, 30, corrected=3, lost=3), EngagementState.KEPT, ProofGap.NONE),
        (ClosedFigure(SPRING[1:], 90, 90), EngagementState.INCONCLUSIVE, ProofGap.FEW_MONTHS),
        (ClosedFigure((), 0, 0), EngagementState.INCONCLUSIVE, ProofGap.FEW_MONTHS),
    ],
)
def test_a_figure_needs_three_closed_months_thirty_promises_and_its_target(
    figure: ClosedFigure, state: EngagementState, gap: ProofGap
) -> None:
    found = standing(row(REPLIES), (), {figure_key(REPLIES): figure}, (), TODAY)
    assert (found.state, found.pieces[0].gap) == (state, gap)


@pytest.mark.parametrize(
    ("today", "state"),
    [("2026-09-30", EngagementState.KEPT), ("2026-10-01", EngagementState.STALE)],
)
def test_a_figure_of_june_is_stale_three_months_after_june_ended(
    today: str, state: EngagementState
) -> None:
    figures = {figure_key(REPLIES): ClosedFigure(SPRING, 90, 90)}
    for every in (1, 3, 12):  # whatever the row says
        asked = row(REPLIES, every=every)
        assert standing(asked, (), figures, (), date.fromisoformat(today)).state is state


@pytest.mark.parametrize(
    ("filed", "state", "gap"),
    [
        (None, EngagementState.INCONCLUSIVE, ProofGap.NO_PROOF),
        (proof("2026-04-02"), EngagementState.KEPT, ProofGap.NONE),  # until 2 July: today
        (proof("2026-04-01"), EngagementState.STALE, ProofGap.OLD),
        (
            replace(proof("2026-07-01"), holds=ProofHeld.NO),
            EngagementState.GAP,
            ProofGap.REFUTED,
        ),
        (proof("2026-07-01", code="autre"), EngagementState.INCONCLUSIVE, ProofGap.NO_PROOF),
        (
            replace(proof("2026-07-01"), engagement="autre"),
            EngagementState.INCONCLUSIVE,
            ProofGap.NO_PROOF,
        ),
    ],
)
def test_a_check_is_stale_when_its_months_have_passed(
    filed: FiledProof | None, state: EngagementState, gap: ProofGap
) -> None:
    found = standing(row(CHECKED), () if filed is None else (filed,), {}, (), TODAY)
    assert (found.state, found.pieces[0].gap) == (state, gap)


@pytest.mark.parametrize(
    ("until", "state", "gap"),
    [
        ("2026-07-02", EngagementState.KEPT, ProofGap.NONE),
        ("2026-07-01", EngagementState.STALE, ProofGap.ENDED),
        (None, EngagementState.KEPT, ProofGap.NONE),
    ],
)
def test_a_document_counts_until_the_day_that_it_says(
    until: str | None, state: EngagementState, gap: ProofGap
) -> None:
    filed = proof("2026-06-01", "document", "resultats", until)
    found = standing(row(RESULTS), (filed,), {}, (), TODAY)
    assert (found.state, found.pieces[0].gap) == (state, gap)


def test_a_document_counts_no_longer_than_its_row_whatever_day_it_says() -> None:
    filed = proof("2026-04-01", "document", "resultats", "2099-01-01")
    [piece] = standing(row(RESULTS), (filed,), {}, (), TODAY).pieces
    assert (piece.state, piece.gap) == (EngagementState.STALE, ProofGap.OLD)
    assert piece.until == date(2026, 7, 1)


def test_a_check_has_no_last_day_of_its_own() -> None:
    filed = proof("2020-01-01", until="2099-01-01")
    [piece] = standing(row(CHECKED), (filed,), {}, (), TODAY).pieces
    assert (piece.state, piece.gap) == (EngagementState.STALE, ProofGap.OLD)


@pytest.mark.parametrize("first", [ProofHeld.YES, ProofHeld.NO])
def test_of_one_day_the_proof_that_shows_a_gap_counts(first: ProofHeld) -> None:
    second = ProofHeld.NO if first is ProofHeld.YES else ProofHeld.YES
    day = [
        replace(proof("2026-06-01"), holds=held, seq=seq)
        for seq, held in enumerate((first, second))
    ]
    assert standing(row(CHECKED), day, {}, (), TODAY).state is EngagementState.GAP
    later = replace(proof("2026-06-02"), seq=2)
    assert standing(row(CHECKED), (*day, later), {}, (), TODAY).state is EngagementState.KEPT


@pytest.mark.parametrize("applies", [True, False])
def test_where_a_fact_cant_be_read_nothing_is_kept_nor_without_object(*, applies: bool) -> None:
    filed = (proof("2026-07-01"),)
    found = standing(row(CHECKED), filed, {}, (), TODAY, applies=applies, readable=False)
    assert found.state is EngagementState.INCONCLUSIVE
    gap = (replace(filed[0], holds=ProofHeld.NO),)
    found = standing(row(CHECKED), gap, {}, (), TODAY, readable=False)
    assert found.state is EngagementState.GAP


def test_the_last_proof_counts_and_the_gravest_piece_is_the_state() -> None:
    both = row(CHECKED, RESULTS)
    old, new = proof("2025-01-01"), proof("2026-06-30")
    found = standing(both, (new, old), {}, (), TODAY)
    assert found.state is EngagementState.INCONCLUSIVE  # its results were never filed
    assert found.last_proof == new
    filed = (new, old, proof("2026-06-01", "document", "resultats", "2026-06-30"))
    assert standing(both, filed, {}, (), TODAY).state is EngagementState.STALE


def finding(grade: FindingGrade, *, lifted: bool = False) -> AuditFinding:
    said = {
        "event_id": EventId(UUID(int=1)), "subject_id": SubjectId(UUID(int=2)), "seq": 1,
        "happened_at": "2026-06-01T08:00:00Z", "recorded_at": "2026-06-01T08:00:00Z",
        "by": "person:q.officer", "number": 1, "on": "2026-06-01",
    }  # fmt: skip
    text = Digest("a" * 64)
    stated = FindingStated.model_validate(
        said | {"engagement": "accueil", "grade": grade, "step": "audit-interne", "sha256": text}
    )
    end = FindingLifted.model_validate(said | {"decision": text})
    return AuditFinding(stated, None, end if lifted else None)


@pytest.mark.parametrize(
    ("found", "state"),
    [
        (finding(FindingGrade.MAJOR), EngagementState.GAP),
        (finding(FindingGrade.MINOR), EngagementState.GAP),
        (finding(FindingGrade.MINOR, lifted=True), EngagementState.KEPT),
        (finding(FindingGrade.SENSITIVE), EngagementState.KEPT),
        (finding(FindingGrade.STRENGTH), EngagementState.KEPT),
    ],
)
def test_a_non_conformity_is_a_gap_until_the_auditor_lifts_it(
    found: AuditFinding, state: EngagementState
) -> None:
    assert standing(row(CHECKED), (proof("2026-07-01"),), {}, (found,), TODAY).state is state


def test_what_does_not_apply_here_is_neither_kept_nor_a_gap() -> None:
    found = standing(row(CHECKED), (), {}, (), TODAY, applies=False)
    assert found.state is EngagementState.NOT_APPLICABLE


def test_one_proof_that_passes_its_months_changes_exactly_one_engagement() -> None:
    rows = [row(CHECKED).model_copy(update={"id": name}) for name in ("accueil", "site", "tel")]
    filed = [
        replace(proof(on), engagement=name)
        for name, on in (("accueil", "2026-04-01"), ("site", "2026-04-02"), ("tel", "2026-05-01"))
    ]
    days = (date(2026, 7, 1), date(2026, 7, 2), date(2026, 7, 3))
    states = [
        "".join(standing(checked, filed, {}, (), day).state.value[0] for checked in rows)
        for day in days
    ]
    assert states == ["kkk", "skk", "ssk"]
