"""The one closing line of script/test."""

import pytest
from house.testing import counts

RESULT = '<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}"/></testsuites>'


@pytest.mark.parametrize(
    "of_pytest, code, expected",
    [
        ((12, 0, 0, 0), 0, (12, 0, 0)),
        ((12, 1, 2, 3), 1, (6, 3, 3)),
        ((12, 0, 0, 0), 2, (12, 1, 0)),
        ((0, 0, 0, 0), 5, (0, 1, 0)),
    ],
)
def test_counted_from_the_result(tmp_path, of_pytest, code, expected):
    path = tmp_path / "result.xml"
    path.write_text(RESULT.format(*of_pytest))
    assert counts(path, code) == expected


def test_a_run_that_left_no_result_has_failed(tmp_path):
    assert counts(tmp_path / "result.xml", 4) == (0, 1, 0)
