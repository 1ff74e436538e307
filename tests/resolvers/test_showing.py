"""What is news to who was shown a view before."""

import pytest

from domain.freshness import Freshness, FreshnessState
from resolvers.showing import Shown

FRESH = Freshness(FreshnessState.FRESH, age_seconds=1, max_age_seconds=60)
FRESH_LATER = Freshness(FreshnessState.FRESH, age_seconds=50, max_age_seconds=60)
OLD = Freshness(FreshnessState.STALE, age_seconds=61, max_age_seconds=60)
DOUBTFUL = Freshness(FreshnessState.STALE, age_seconds=1, max_age_seconds=60)
ASKED = Freshness(FreshnessState.REVALIDATING, age_seconds=61, max_age_seconds=60)
LOST = Freshness(FreshnessState.UNAVAILABLE)


@pytest.mark.parametrize(
    ("before", "after", "is_news"),
    [
        pytest.param(FRESH, FRESH_LATER, False, id="older, and fresh all the same"),
        pytest.param(FRESH, OLD, False, id="too old by time alone"),
        pytest.param(FRESH, DOUBTFUL, True, id="doubtful, though young"),
        pytest.param(FRESH, ASKED, True, id="asked anew"),
        pytest.param(FRESH, LOST, True, id="not available"),
        pytest.param(OLD, FRESH, True, id="fresh again"),
        pytest.param(ASKED, FRESH, True, id="answered"),
        pytest.param(ASKED, OLD, True, id="asked in vain"),
        pytest.param(LOST, FRESH, True, id="known at last"),
        pytest.param(LOST, LOST, False, id="as before"),
    ],
)
def test_which_turn_of_a_state_is_news(before, after, is_news):
    assert Shown((), (after,)).is_news_after(Shown((), (before,))) is is_news


def test_another_content_is_news_whatever_its_age():
    assert Shown(("new",), (FRESH,)).is_news_after(Shown(("old",), (FRESH,)))
    assert Shown((), ()).is_news_after(Shown((), (FRESH,)))
