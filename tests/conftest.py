"""What every test may use, and the rule that continuous integration skips nothing."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CI = os.environ.get("CI", "").lower() in {"1", "true"}


@pytest.fixture(scope="session")
def root():
    """The folder of the checkout."""
    return ROOT


def pytest_collection_modifyitems(items):
    """Give what drives a browser a second try in CI, where machines are shared: it says "rerun"."""
    for item in items:
        if CI and item.get_closest_marker("e2e"):
            item.add_marker(pytest.mark.flaky(reruns=1))


def _refuse_skip(report):
    """On a learner's machine a missing tool is a skip with its reason; in CI it is a failure."""
    if CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: CI skips nothing, but: {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    return _refuse_skip((yield))
