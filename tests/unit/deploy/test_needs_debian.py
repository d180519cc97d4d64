"""A missing Debian program skips a test on a desk; any skip fails in continuous integration."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Needs = Callable[[str], Path]

PROJECT = Path(__file__).resolve().parents[3]
SKIPPERS = {
    "called": "import pytest\ndef test_it(): pytest.skip('no pen')",
    "marked": "import pytest\n@pytest.mark.skip(reason='no pen')\ndef test_it(): pass",
    "whole": "import pytest\npytest.skip('no pen', allow_module_level=True)",
}


def test_a_program_that_is_there_is_found(needs_debian: Needs) -> None:
    assert needs_debian("sh").name == "sh"


def test_a_missing_program_skips_by_its_name(needs_debian: Needs) -> None:
    with pytest.raises(pytest.skip.Exception, match=r"no-such-program is missing: run deploy/"):
        needs_debian("no-such-program")


def test_every_way_to_skip_fails_in_continuous_integration_and_only_there(tmp_path: Path) -> None:
    for name, code in SKIPPERS.items():
        (tmp_path / f"test_{name}.py").write_text(code)
    (tmp_path / "test_known.py").write_text(
        "import pytest\n@pytest.mark.xfail\ndef test_it(): assert False"
    )
    code, said = _pytest(tmp_path, CI="")  # type: ignore[assignment]  # one name for both
    assert (code, "3 skipped, 1 xfailed" in said) == (0, True), said
    code, said = _pytest(tmp_path, CI="true")  # type: ignore[assignment]  # one name for both
    assert code != 0
    for name in SKIPPERS:
        assert f"test_{name}.py" in said
    assert said.count("does not let pass: Skipped: no pen") >= len(SKIPPERS) - 1, said


def _pytest(folder: Path, **environment: str) -> tuple[int, str]:
    ran = subprocess.run(  # noqa: S603  (our own interpreter on our own files)
        [sys.executable, "-m", "pytest", "-p", "tests.no_skips", "-p", "no:cacheprovider",
         "--continue-on-collection-errors", "-q", str(folder)],
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": str(PROJECT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout
