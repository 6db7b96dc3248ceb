"""The adoption world behaves as the theory of diffusion says.

Comparisons are paired by replicate: the same surgeons, network and luck in both. Measured over 20 replicates,
every threshold lies more than four standard deviations of one pair away, so that a change of all drawn values
fails a test less than once in three thousand.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow.compute as pc
import pytest

from .runs import Runs, series

REPLICATES = range(4)


def final(adoption: Runs, metric: str = "adopters", **parameters: float) -> np.ndarray:
    return np.array([series(adoption(r, **parameters), metric)[-1] for r in REPLICATES])


def curve(adoption: Runs, metric: str = "adopters", **parameters: float) -> np.ndarray:
    return np.mean([series(adoption(r, **parameters), metric) for r in REPLICATES], axis=0)


def test_a_year_at_the_defaults_is_plausible(adoption: Runs) -> None:
    share = final(adoption)
    assert (share > 0.15).all()
    assert (share < 0.60).all()


def test_more_weight_on_colleagues_means_more_users(adoption: Runs) -> None:
    weak, middle, strong = (final(adoption, peer_weight=w) for w in (0.1, 0.3, 0.5))
    assert (middle > weak).all()
    assert (strong > middle).all()
    assert (strong - weak).mean() > 0.1


def test_a_higher_price_means_fewer_users(adoption: Runs) -> None:
    free, dear = final(adoption, price=0.0), final(adoption, price=500.0)
    assert (free - dear > 0.05).all()


def test_nobody_begins_without_innovation(adoption: Runs) -> None:
    assert curve(adoption, innovation=0.0).max() == 0
    assert curve(adoption, metric="colleagues_heard_of", innovation=0.0).max() == 0


def test_without_a_campaign_the_tool_spreads_by_word_of_mouth_alone_and_slowly(adoption: Runs) -> None:
    silent = final(adoption, campaign_weeks=0)
    assert (silent > 0).all()
    assert silent.mean() < 0.8 * final(adoption).mean()


def test_slow_word_of_mouth_slows_adoption(adoption: Runs) -> None:
    # the last share and the week in which half of it is reached
    assert (final(adoption, word_of_mouth_delay=0) > final(adoption, word_of_mouth_delay=8)).all()
    assert curve(adoption, word_of_mouth_delay=0)[26] > curve(adoption, word_of_mouth_delay=8)[26]


def test_the_curve_is_s_shaped(adoption: Runs) -> None:
    new = curve(adoption, metric="new_adopters", peer_weight=0.6)
    thirds = [new[:13].mean(), new[13:39].mean(), new[39:].mean()]
    assert thirds[1] > 1.5 * thirds[0]
    assert thirds[1] > 1.1 * thirds[2]


def test_flows_add_up(adoption: Runs) -> None:
    result = adoption(0)
    users, left = series(result, "adopters"), series(result, "stopped")
    begun = np.cumsum(series(result, "new_adopters")) / 1000
    assert users + left == pytest.approx(begun, abs=1e-9)
    assert (users + left <= series(result, "aware") + 1e-12).all()


def test_segments_are_ranks_and_agree_with_the_whole(adoption: Runs) -> None:
    result, agents = adoption(0), adoption.agents(0)["main"]
    sizes = Counter(agents["rank"].to_pylist())
    parts = sum(series(result, "adopters", f"rank={rank}") * n for rank, n in sizes.items())
    assert parts / 1000 == pytest.approx(series(result, "adopters"), abs=1e-9)


def test_the_innovative_and_the_trusting_are_first(adoption: Runs) -> None:
    result, agents = adoption(0), adoption.agents(0)["main"]
    last = result.agents.filter(pc.field("script") == "surgeon").sort_by("agent")
    users = last["adopted"].to_numpy().astype(bool)
    for trait in ("innovativeness", "trust_in_ai", "expected_benefit"):
        values = agents[trait].to_numpy()[last["agent"].to_numpy()]
        assert values[users].mean() > values[~users].mean(), trait


def test_an_equal_request_gives_an_equal_run(adoption: Runs) -> None:
    first, again = adoption(2, price=250.0), adoption(2, price=250.0)
    assert first.metrics.equals(again.metrics)
    assert first.agents.equals(again.agents)
