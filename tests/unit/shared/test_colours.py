"""The colours of the neutral theme are read by everybody, by day and by night (WCAG 1.4.3)."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

SHEET: Final = (Path(__file__).parents[3] / "shared/web/static/desk.css").read_text("utf-8")
TEXT, SIGN = 4.5, 3.0
"""Ratios of WCAG: of text (1.4.3), of what is no text (1.4.11)."""
ON: Final = ("paper", "card", "off")
PAIRS: Final = (
    *((ink, ground, TEXT) for ink in ("ink", "soft", "accent", "late", "risk") for ground in ON),
    *(("late", "late-bg", TEXT), ("risk", "risk-bg", TEXT), ("ink", "late-bg", TEXT)),
    *(("ink", "risk-bg", TEXT), ("soft", "late-bg", TEXT), ("accent", "late-bg", TEXT)),
    *(("done", ground, TEXT) for ground in ON),
    *(("done-ink", "done-bg", TEXT), ("on-accent", "accent", TEXT), ("on-accent", "pressed", TEXT)),
    *(("on-mark", "mark", TEXT), ("field", "card", SIGN), ("field", "paper", SIGN)),
)


def colours(block: str) -> Mapping[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", block))


def themes() -> Mapping[str, Mapping[str, str]]:
    light, dark = (colours(block) for block in re.findall(r":root \{([^}]*)\}", SHEET)[:2])
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_text_is_read_on_its_ground(theme: str) -> None:
    known = themes()[theme]
    weak = {
        f"{ink} on {ground}": round(ratio, 2)
        for ink, ground, least in PAIRS
        if (ratio := contrast(known[ink], known[ground])) < least
    }
    assert weak == {}


def test_no_colour_stands_outside_the_two_lists() -> None:
    """Whoever adds one to a rule finds it wrong by night: name it above, in both."""
    light, dark = themes().values()
    assert light != dark
    rules = SHEET.partition("*, ::before")[2]
    strange = set(re.findall(r"#[0-9a-f]{3,8}\b", rules)) - {"#999", "#0001"}
    assert strange == set(), "#999 is printed, #0001 is a shadow"


def test_contrast_is_what_wcag_says_of_its_own_examples() -> None:
    assert round(contrast("#000", "#fff"), 2) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48
