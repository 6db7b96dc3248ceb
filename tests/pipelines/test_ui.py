"""The UI in a real browser, on a project with results."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.conftest import PROJECTS

from .shipped import Shipped, processes_in, shipped_project, user_interface, wait_until

pytestmark = pytest.mark.browser

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000
"""Milliseconds until an expectation fails; the pages load their data bit by bit."""


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Shipped:
    project = shipped_project(tmp_path_factory.mktemp("ui") / "village", PROJECTS / "tiny" / "specs")
    done = project.call("pipelines.run", "rumour")
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture(scope="module")
def address(shipped: Shipped) -> Iterator[str]:
    with user_interface(shipped) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    if BROWSER is None:
        pytest.skip("there is no chromium on this machine: apt-get install chromium")
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
        page = browser.new_page(base_url=address, viewport={"width": 1500, "height": 950})
        page.set_default_timeout(PATIENCE)
        yield page
        browser.close()


def see(page: Page, text: str) -> None:
    expect(page.get_by_text(text, exact=True).first).to_be_visible(timeout=PATIENCE)


def test_the_assets_and_their_lineage(page: Page) -> None:
    page.goto("/assets")
    for asset in ("experiment_document", "population", "simulation_runs", "experiment_report", "catalog"):
        see(page, asset)
    page.goto("/asset-groups")
    for asset in ("population_spec", "base_population", "metric_summary", "catalog"):
        see(page, asset)
    expect(page.locator("svg path").nth(12)).to_be_attached(timeout=PATIENCE)  # the edges


def test_a_partition_shows_rows_columns_and_a_preview(page: Page) -> None:
    page.goto("/assets/population?view=partitions&partition=rumour")
    see(page, "Materialized")
    see(page, "dagster/row_count")
    see(page, "60")
    for column in ("age", "town", "talkative", "trust"):
        see(page, column)


def test_a_plot_of_the_report_is_drawn(page: Page) -> None:
    page.goto("/assets/experiment_report?view=partitions&partition=rumour")
    see(page, "report")
    page.get_by_text("[Show Markdown]").first.click()
    picture = page.locator("img[src^='data:image/png']").first
    expect(picture).to_be_visible(timeout=PATIENCE)
    assert picture.evaluate("image => image.naturalWidth") > 300


def test_the_checks_and_the_automation(page: Page) -> None:
    page.goto("/assets/experiment_document?view=checks")
    see(page, "documents_valid")
    see(page, "locks_fresh")
    page.goto("/automation")
    for name in ("changed_experiments", "scheduled_experiments", "nightly"):
        see(page, name)


def test_stopping_leaves_no_process_and_the_history_is_there_the_next_time(
    tmp_path_factory: pytest.TempPathFactory, page: Page
) -> None:
    page.goto("/runs")  # of the other project: its run was made before this UI was started
    expect(page.get_by_text("partition: rumour").first).to_be_visible(timeout=PATIENCE)
    mine = shipped_project(tmp_path_factory.mktemp("stop") / "village", PROJECTS / "tiny" / "specs")
    with user_interface(mine):
        assert processes_in(mine.root)
    wait_until(lambda: not processes_in(mine.root), "every process to end")
    assert sorted(path.name for path in mine.root.glob(".*")) == [".dagster", ".gitignore"]
