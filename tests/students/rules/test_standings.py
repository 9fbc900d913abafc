"""The table of standings agrees with itself and with the reasons of domain.md §3.5."""

import pytest

from students.rules.standings import NEVER_REASONS, REMOVAL_REASONS, STANDINGS, full_label, short_word, standing_of_reason


def test_every_reason_means_a_standing_that_exists():
    assert {standing for _, _, _, standing in REMOVAL_REASONS} <= set(STANDINGS)
    assert not {code for code, *_ in REMOVAL_REASONS} & set(NEVER_REASONS)


@pytest.mark.parametrize(
    ("reason", "sub", "meant", "word"),
    [
        ("02", "", ("elsewhere", "02"), "区外就读"), ("05", "", ("removed", "05"), "死亡"), ("07", "071", ("removed", "071"), "重复户籍"),
        ("08", "081", ("graduated", "081"), "已初中毕业"), ("08", "082", ("removed", "082"), "超龄未完成"),
        ("12", "", ("home_teaching", "12"), "送教上门"),
        ("14", "", ("deferred", "14"), "延缓入学"), ("06", "", ("removed", "06"), "户籍迁出"),
    ],
)  # fmt: skip
def test_a_reason_in_words(reason, sub, meant, word):
    assert standing_of_reason(reason, sub) == meant
    assert short_word(*meant) == word


def test_a_removal_says_its_reason():
    assert full_label("removed", "05") == "核减：死亡"
    assert full_label("suspended") == "休学"


def test_an_unknown_reason_is_an_error():
    with pytest.raises(KeyError):
        standing_of_reason("90")
