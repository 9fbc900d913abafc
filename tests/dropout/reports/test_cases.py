"""How the ledger words a case's grade: the year is one within the stage."""

import pytest

from dropout.models import Case
from dropout.reports.cases import grade_text


@pytest.mark.parametrize(
    ("stage", "grade", "text"), [("pri", 3, "三年级"), ("jun", 3, "九年级"), ("jun", 4, "初四"), ("jun", None, "初中"), ("", None, "")]
)
def test_a_grade_is_named_by_its_stage(stage, grade, text):
    assert grade_text(Case(stage=stage, grade=grade)) == text
