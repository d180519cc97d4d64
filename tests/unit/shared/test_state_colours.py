"""The colours of the State's theme are read by day and by night, and printed by day (ADR 0194)."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from deploy.embedded.design_system import dark_by_preference
from deploy.embedded.downloads import web
from tests.unit.shared.test_colours import PAIRS, SIGN, TEXT, colours, contrast

HERE: Final = Path(__file__).parents[3] / "shared/web/static"
DARK: Final = re.compile(r"@media screen and \(prefers-color-scheme:dark\)\{(:root\{([^}]*)\})\}")
OWN_PAIRS: Final = (
    ("text-default-error", "background-contrast-error", TEXT),
    ("text-default-warning", "background-contrast-warning", TEXT),
    ("text-default-success", "background-contrast-success", TEXT),
    ("text-action-high-blue-france", "background-contrast-blue-france", TEXT),
    ("text-default-grey", "background-contrast-grey", TEXT),
    ("text-mention-grey", "background-contrast-grey", TEXT),
    ("text-title-grey", "background-contrast-grey", TEXT),
    ("text-label-grey", "background-default-grey", TEXT),
    ("text-active-blue-france", "background-raised-grey", TEXT),
    ("text-inverted-grey", "background-flat-success", SIGN),
    ("text-inverted-grey", "background-flat-error", SIGN),
    ("text-inverted-grey", "background-flat-warning", SIGN),
)
"""What our sheet lays upon what by the names of the State's own."""


def themes() -> Mapping[str, Mapping[str, str]]:
    sheet = (web() / "dsfr.min.css").read_text("utf-8")
    by_day = _named(re.findall(r":root\{([^}]*)\}", DARK.sub("", sheet)))
    by_night = _named([block for _, block in DARK.findall(sheet)])
    return {"light": by_day, "dark": {**by_day, **by_night}}


def _named(blocks: list[str]) -> dict[str, str]:
    return {
        name: value
        for block in blocks
        for name, value in re.findall(r"--([a-z0-9-]+):([^;]*)", block)
    }


def colour(known: Mapping[str, str], name: str) -> str:
    value = known[name]
    while found := re.match(r"var\(--([a-z0-9-]+)\)", value):
        value = known[found[1]]
    return value


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_text_is_read_on_its_ground(theme: str) -> None:
    state = themes()[theme]
    neutral = re.findall(r":root \{([^}]*)\}", (HERE / "desk.css").read_text("utf-8"))[0]
    ours = re.findall(
        r"--([a-z-]+): var\(--([a-z-]+)\);", (HERE / "dsfr.css").read_text("utf-8").split("}")[0]
    )
    known = {**colours(neutral), **{name: colour(state, theirs) for name, theirs in ours}}
    seen = {
        **{(ink, ground): (known[ink], known[ground], least) for ink, ground, least in PAIRS},
        **{
            (ink, ground): (colour(state, ink), colour(state, ground), least)
            for ink, ground, least in OWN_PAIRS
        },
    }
    weak = {
        pair: round(contrast(ink, ground), 2)
        for pair, (ink, ground, least) in seen.items()
        if contrast(ink, ground) < least
    }
    assert weak == {}


def test_the_dark_is_another_than_the_light_and_never_on_paper() -> None:
    light, dark = themes().values()
    assert (colour(light, "background-default-grey"), colour(light, "text-default-grey")) == (
        "#fff",
        "#3a3a3a",
    )
    assert (colour(dark, "background-default-grey"), colour(dark, "text-default-grey")) == (
        "#161616",
        "#cecece",
    )
    assert "color-scheme: light" not in (HERE / "dsfr.css").read_text("utf-8")


def test_a_rule_by_attribute_becomes_one_by_preference() -> None:
    written = (
        ":root[data-fr-theme=dark]{--a:#000}.x{y:z}[data-fr-theme=dark] .logo:after{left:1px}"
        "@media (forced-colors:active){.logo,[data-fr-theme=dark] .logo{left:0}}"
    )
    screen = "@media screen and (prefers-color-scheme:dark)"
    assert dark_by_preference(f"/* */{written}") == (
        f"/* */{screen}{{:root{{--a:#000}}}}.x{{y:z}}{screen}{{:root .logo:after{{left:1px}}}}"
        "@media (forced-colors:active){.logo,[data-fr-theme=dark] .logo{left:0}}"
    )
