"""Where CI is set a test that skips fails: what continuous integration passes, it has tried.

An `xfail` is no skip: it ran.
"""

import os
from collections.abc import Generator
from typing import Any

import pytest

ADVICE = "skipped, which continuous integration (CI is set) does not let pass: "


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    return _refused(report)  # type: ignore[no-any-return]  # the library says no type


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return _refused(report)  # type: ignore[no-any-return]  # the library says no type


def _refused(report: Any) -> Any:
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        why = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.longrepr = f"{ADVICE}{why}"
    return report
