"""A missing Debian program skips a test on a desk and fails it in continuous integration."""

from collections.abc import Callable
from pathlib import Path

import pytest

Needs = Callable[[str], Path]


def test_a_program_that_is_there_is_found(needs_debian: Needs) -> None:
    assert needs_debian("sh").name == "sh"


def test_a_missing_program_skips_by_its_name(
    needs_debian: Needs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"no-such-program is missing: run deploy/"):
        needs_debian("no-such-program")


def test_a_missing_program_fails_in_continuous_integration(
    needs_debian: Needs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-program is missing"):
        needs_debian("no-such-program")
