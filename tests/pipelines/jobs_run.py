"""Reading what a run of a job left behind."""

from __future__ import annotations

from typing import Any, Protocol

import dagster as dg


class Materialise(Protocol):
    """Run the job `experiment`, or some of its assets, for one experiment."""

    def __call__(self, experiment: str, *assets: str) -> dg.ExecuteInProcessResult: ...


def materialised(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetMaterialization]:
    """The materialisations of a run, by asset."""
    return {
        event.asset_key.to_user_string(): event.step_materialization_data.materialization
        for event in result.all_events
        if event.is_step_materialization and event.asset_key is not None
    }


def metadata(result: dg.ExecuteInProcessResult, asset: str) -> dict[str, Any]:
    """What an asset shows of itself, as plain values."""
    return {name: value.value for name, value in materialised(result)[asset].metadata.items()}


def data_versions(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """The data version of each asset."""
    made = materialised(result)
    return {name: (one.tags or {}).get("dagster/data_version", "") for name, one in made.items()}


def failed_checks(result: dg.ExecuteInProcessResult) -> list[dg.AssetCheckEvaluation]:
    """The checks that did not pass."""
    return [check for check in result.get_asset_check_evaluations() if not check.passed]


def failure(result: dg.ExecuteInProcessResult) -> str:
    """What the one step that failed says."""
    (event,) = [event for event in result.all_events if event.is_step_failure]
    said = event.step_failure_data.user_failure_data
    assert said is not None
    return said.description or ""
