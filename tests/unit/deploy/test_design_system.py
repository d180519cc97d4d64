"""Of the State's design system the pages get one sheet, and every file that it names beside it."""

import re
from pathlib import Path

import pytest

from deploy.embedded import design_system

FACE = (
    "@font-face{font-family:Marianne;src:url(../fonts/Marianne-%s.woff2)"
    ' format("woff2"),url(../fonts/Marianne-%s.woff) format("woff")}'
)
CORE = f"/*! DSFR, restricted use */a{{b:c}}{FACE % ('Bold', 'Bold')}{FACE % ('Light', 'Light')}"
LOGO = (
    """.l{background:url("data:image/svg+xml;charset=utf8,%3Csvg d='m(1)'/%3E"),"""
    "url(../../icons/i.svg)}"
)


@pytest.fixture
def gathered(tmp_path: Path) -> Path:
    """What is made of a package of two sheets that say something."""
    dist, folder = tmp_path / "package/dist", tmp_path / "folder"
    folder.mkdir()
    named = ("fonts/Marianne-Bold.woff2", "icons/i.svg")
    for name in (*design_system._PARTS, *design_system._PICTURES, *named):  # noqa: SLF001 (its own lists)
        (dist / name).parent.mkdir(parents=True, exist_ok=True)
        (dist / name).write_text("")
    (dist / "core/core.main.min.css").write_text(CORE)
    (dist / "component/logo/logo.main.min.css").write_text(LOGO)
    design_system.gather(tmp_path / "package", folder)
    return folder


def test_every_file_that_the_sheet_names_is_beside_it(gathered: Path) -> None:
    sheet = (gathered / design_system.SHEET).read_text()
    names = re.findall(r"url\(([^)]*)\)", sheet)
    assert len(names) == 3, sheet
    assert {path.name for path in gathered.iterdir()} >= set(names)


def test_a_picture_inside_the_sheet_becomes_a_file(gathered: Path) -> None:
    assert "data:" not in (gathered / design_system.SHEET).read_text()
    assert "<svg d='m(1)'/>" in [path.read_text() for path in gathered.glob("logo-*.svg")]


def test_only_the_fonts_in_which_we_write_are_kept_and_its_terms_are(gathered: Path) -> None:
    sheet = (gathered / design_system.SHEET).read_text()
    assert "Marianne-Bold.woff2" in sheet
    assert "Light" not in sheet
    assert '"woff"' not in sheet
    assert "restricted use" in sheet
