"""The tables of the candidature file as a spreadsheet opens them."""

from datetime import date

import pytest

from services.desk.pages.quality.dossier_documents import DossierParts, files_of
from shared.site.tables.quality import EngagementRow, Evidence, EvidenceKind, Framework
from shared.values import Certainty, Source

SOURCE = Source(text="écrit à la main", certainty=Certainty.CHOICE)
ROW = EngagementRow(
    id="accueil", module=1, text="Une promesse", rule="Relue", owner="bmi", source=SOURCE,
    evidence=(Evidence(kind=EvidenceKind.CHECK, code="liste", text="Liste relue"),),
)  # fmt: skip


@pytest.mark.parametrize("sly", ["=1+1", "\r=1+1", "\n=1+1", "  +1", "\u00a0-1", "\t@a"])
def test_no_text_is_a_formula_whatever_stands_before_its_sign(sly: str) -> None:
    parts = DossierParts(
        today=date(2026, 7, 2), authority="Préfecture", certifier="", label=None, unread=0,
        framework=Framework(id="essai", version="1", title="Essai", engagements=(ROW,)),
        engagements=(), months=(), missing=(), findings=[("1", sly)], draws=(), dates=(),
        measures=(), surveys=(), minutes=(),
        services=(), perimeter=(), outside=(), proofs=(),
    )  # fmt: skip
    text = files_of(parts)["constats.csv"].decode("utf-8-sig")
    assert f"'{sly}" in text
