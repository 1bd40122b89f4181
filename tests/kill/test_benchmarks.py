"""The benchmarks work; what they measure is for `make bench` on a quiet machine.

Here and not beside them, since pytest is told to leave their folder alone.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import BENCHMARKS
from tests.benchmarks.table import Row, at_most, percentile, render

ROOT = Path(__file__).parents[2]


def bench(*words):
    return subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("name", ["writer", "request", "start"])
def test_a_quick_run_of_a_cheap_benchmark_ends_with_a_table(name):
    done = bench("--quick", name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "held?" in done.stdout
    assert "broken" not in done.stdout


def test_an_unknown_name_is_refused_with_those_that_there_are():
    done = bench("nothing")
    assert done.returncode == 2
    assert all(name in done.stderr for name in BENCHMARKS)


def test_a_row_says_whether_its_number_is_held():
    assert at_most("x", 1.0, 2.0, "s").held
    assert not at_most("x", 2.1, 2.0, "s").held
    assert "NO" in render([at_most("x", 2.1, 2.0, "s")])
    assert Row("x", "1").cells()[-1] == ""


def test_a_percentile_is_a_value_that_was_seen():
    assert percentile([1, 2, 3, 4], 0.5) == 2
    assert percentile([1, 2, 3, 4], 0.99) == 4
    assert percentile([7], 0.99) == 7
