"""Pictures of the documentation are there, small, each shown somewhere, and described in words."""

import re
from typing import Final

from deploy.pictures import INTO, MOST_OCTETS
from tests.architecture.test_anatomy import PROJECT, ours

SHOWN: Final = re.compile(r"!\[(?P<words>[^\]]*)\]\((?P<to>[^)]*pictures/[^)]+)\)")
IN_ALL: Final = 3_000_000
FEWEST_WORDS: Final = 4


def test_each_picture_is_shown_described_and_small() -> None:
    """`make pictures` makes them of a running demo."""
    pages = [path for path in ours(".") if path.suffix == ".md" and "tests/" not in str(path)]
    shown = [
        ((page.parent / found["to"]).resolve(), found["words"])
        for page in pages
        for found in SHOWN.finditer(page.read_text("utf-8"))
    ]
    files = set(INTO.glob("*.png"))
    assert {path for path, _ in shown} == files
    assert [path.name for path, words in shown if len(words.split()) < FEWEST_WORDS] == []
    sizes = {path.name: path.stat().st_size for path in files}
    assert {name: size for name, size in sizes.items() if size > MOST_OCTETS} == {}
    assert sum(sizes.values()) <= IN_ALL


def test_each_role_has_a_picture_in_its_guide() -> None:
    guides = {
        "bureau-du-courrier.md": {"sorting", "counter", "follow"},
        "services.md": {"item", "viewer", "letter", "head"},
        "direction.md": {"director"},
        "exploitation.md": {"administrator"},
    }
    for guide, names in guides.items():
        text = (PROJECT / "docs/guide" / guide).read_text("utf-8")
        shown = {found["to"].rpartition("/")[2] for found in SHOWN.finditer(text)}
        assert {f"{name}.png" for name in names} <= shown, guide
