"""`python -m deploy.reference`: what `make docs` runs."""

from pathlib import Path

from deploy.reference import PAGES

DOCS = Path(__file__).resolve().parents[2] / "docs"


def main() -> None:
    """Writes all generated documentation pages (`make docs`)."""
    for name, render in PAGES.items():
        (DOCS / name).write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
