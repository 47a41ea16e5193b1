"""The sentence on top of a patch."""

import pytest
from django.utils.translation import override

from maps.pages.sentence import Standing, sentence


def said(standing: Standing, language: str = "en") -> str:
    with override(language):
        return "".join(clause.before + clause.text for clause in sentence(standing))


@pytest.mark.parametrize(
    ("standing", "english", "chinese"),
    [
        (Standing(open=0), "Nothing is open", "没有待办案件"),
        (Standing(open=1), "1 open", "1 件待办"),
        (Standing(open=3, late=1), "3 open, 1 late", "3 件待办，1 件超期"),
        (Standing(open=2, yours=1), "2 open; 1 waits for you", "2 件待办；1 件等您处理"),
        (Standing(open=4, yours=2), "4 open; 2 wait for you", "4 件待办；2 件等您处理"),
        (
            Standing(open=0, checkpoints=1),
            "Nothing is open; the only checkpoint has not been inspected yet",
            "没有待办案件；唯一的点位还没检查过",
        ),
        (
            Standing(open=3, late=1, checkpoints=8),
            "3 open, 1 late; none of the 8 checkpoints has been inspected yet",
            "3 件待办，1 件超期；8 个点位都还没检查过",
        ),
        (Standing(open=0, owned=False), "This grid has no owner; Nothing is open", "本网格无责任人；没有待办案件"),
        (Standing(open=200, more=True), "More than 200 open", "超过 200 件待办"),
    ],
)
def test_says_what_is_known_in_both_languages(standing: Standing, english: str, chinese: str) -> None:
    assert said(standing) == english
    assert said(standing, "zh-hans") == chinese


def test_only_lateness_and_a_missing_owner_are_red() -> None:
    clauses = sentence(Standing(open=3, late=1, yours=1, checkpoints=2, owned=False))
    assert [clause.tone for clause in clauses] == ["bad", "", "bad", "warn", ""]
