"""Two versions of a framework row by row, and which of its rows nobody has read."""

from services.desk.quality.domain.frameworks import RowChange, compare_frameworks, unread
from shared.site.tables.quality import EngagementRow, Evidence, EvidenceKind, Framework
from shared.values import Certainty, Source

READ = Source(text="lu", certainty=Certainty.PUBLISHED)
HEARD = Source(text="entendu", certainty=Certainty.LIKELY)


def row(name: str, source: Source = HEARD, **changed: object) -> EngagementRow:
    proof = Evidence(kind=EvidenceKind.CHECK, code="liste", text="Liste relue")
    told = {"text": "Une promesse", "rule": "Relue", "every": 3} | changed
    return EngagementRow.model_validate(
        {"id": name, "module": 1, "evidence": (proof,), "owner": "bmi", "source": source} | told
    )


def framework(version: str, *rows: EngagementRow) -> Framework:
    return Framework(id="essai", version=version, title="Essai", engagements=rows)


def test_each_row_is_new_gone_changed_or_the_same() -> None:
    before = framework("1", row("accueil"), row("site"), row("telephone"))
    after = framework("2", row("site", every=6), row("reseaux"), row("accueil", source=READ))
    assert [
        (found.id, found.change, list(found.fields)) for found in compare_frameworks(before, after)
    ] == [
        ("site", RowChange.CHANGED, ["every"]),
        ("reseaux", RowChange.NEW, []),
        ("accueil", RowChange.SAME, []),
        ("telephone", RowChange.GONE, []),
    ]


def test_a_likely_row_is_unread_until_its_page_is_noted_and_again_when_it_changes() -> None:
    kept, moved = row("accueil"), row("site")
    read = {kept.promise, moved.promise}
    assert unread(framework("1", kept, moved, row("tel", source=READ)), read) == []
    again = row("site", every=6)
    assert unread(framework("2", kept, again), read) == [again]
    assert unread(framework("1", kept), ()) == [kept]
