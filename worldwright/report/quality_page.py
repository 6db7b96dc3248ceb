"""One self-contained page about a population's quality: what its spec declares, and what its agents are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from worldwright.report.elements import Section, more, section_markup, whole_page
from worldwright.report.evidence import badge, figure_text, tests_markup, verdicts_markup
from worldwright.report.markup import Child, Markup, join, table, tag
from worldwright.report.numbers import count
from worldwright.report.sketches import bars, dots, histogram

if TYPE_CHECKING:
    import pyarrow as pa

    from worldwright.population.inspection.profiles import Profile

Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class QualityData:
    """What the page shows."""

    name: str
    agents: int
    tested: int
    seed: int
    digest: str
    error_rate: float
    """The chance that a faultless population gets any warning from the distribution tests together."""
    correction: str
    findings: pa.Table
    profiles: tuple[Profile, ...]


def render_quality(data: QualityData) -> str:
    """The page; a function of its data alone."""
    rows: Rows = data.findings.to_pylist()
    shown = [section for section in _sections(data, rows) if section is not None]
    links = [tag("li", tag("a", section.title, href=f"#{section.anchor}")) for section in shown[1:]]
    facts = [
        (f"{data.agents:,}", "agent" if data.agents == 1 else "agents"),
        (f"{len({p.attribute for p in data.profiles}):,}", "attributes drawn below"),
        (f"{data.seed}", "seed"),
    ]
    header = tag(
        "header",
        tag("p", "Population quality", class_="kicker"),
        tag("h1", data.name),
        tag("ul", *(tag("li", tag("b", number), f" {thing}") for number, thing in facts), class_="facts"),
        tag("nav", tag("ul", *links), aria_label="Sections"),
    )
    footer = tag(
        "footer", tag("p", "Made by Worldwright from ", tag("code", data.digest), " and nothing else.")
    )
    main = tag("main", join((section_markup(section) for section in shown), "\n"))
    return whole_page(f"{data.name}: quality", tag("body", header, main, footer))


def _sections(data: QualityData, rows: Rows) -> Iterator[Section | None]:
    yield _verdict(data, rows)
    yield _attributes(data, rows)
    yield _correlations(rows)
    yield _modifiers(data, rows)
    yield _relations(rows)
    yield Section(
        "all",
        "All findings",
        (more(count(len(rows), "finding"), tests_markup("Everything that was looked at.", list(rows))),),
    )


def _verdict(data: QualityData, rows: Rows) -> Section:
    expected = [row for row in rows if row["kind"] == "expectation"]
    failed = [row for row in rows if row["verdict"] == "fail"]
    warned = [row for row in rows if row["verdict"] == "warn"]
    body: list[Child] = [tag("p", *verdicts_markup(list(rows)), class_="said")]
    if expected:
        met = sum(row["verdict"] == "pass" for row in expected)
        body += [
            tag("h3", "Expectations: the gate"),
            tag(
                "p",
                f"{met} of {count(len(expected), 'figure')} of the spec's ",
                tag("code", "expect:"),
                " are met.",
            ),
            _figures(expected),
        ]
    others = [row for row in failed if row["kind"] != "expectation"]
    if others:
        body += [tag("h3", "Failures"), tests_markup("What the agents must be and are not.", others)]
    if warned:
        body += [
            tag("h3", "Warnings"),
            tests_markup("What does not look as declared; warnings stop nothing.", warned),
        ]
    body.append(
        tag(
            "p",
            f"Distributions are tested on the first {data.tested:,} agents, branch by branch. All p-values "
            f"are corrected for their number ({data.correction}): agents drawn as declared get any of these "
            f"warnings with probability {data.error_rate:g} at most. Correlations that parameters, modifiers "
            "or constraints move have no p-value: their warning says that the declared figure is not what "
            "comes out.",
            class_="note",
        )
    )
    return Section("answer", "Verdict", tuple(body))


def _figures(rows: Rows) -> Markup:
    cells: list[list[Child]] = [
        [
            row["branch"],
            f"{figure_text(row['declared'])} ± {figure_text(row['tolerance'])}",
            figure_text(row["achieved"]),
            f"{row['n']:,}",
            badge(row["verdict"]),
        ]
        for row in rows
    ]
    columns = ["figure", "expected", "sampled", "agents", "verdict"]
    return table("The population's known figures, and what was sampled.", columns, cells, numeric=(1, 2, 3))


def _attributes(data: QualityData, rows: Rows) -> Section | None:
    if not data.profiles:
        return None
    key = _legend()
    body: list[Child] = [key]
    tests = {(row["attribute"], row["branch"]): row for row in rows if row["kind"] == "branch"}
    for name, branches in groupby(data.profiles, key=lambda profile: profile.attribute):
        found = list(branches)
        unit = f", {found[0].unit}" if found[0].unit else ""
        panels = [_panel(profile, tests.get((name, profile.branch))) for profile in found]
        body += [
            tag("h3", tag("code", name), unit),
            _conditions(found[0]),
            _moved_note(found[0], [row for (of, _), row in tests.items() if of == name]),
            tag("div", *panels, class_="panels"),
        ]
    return Section("attributes", "Attributes, branch by branch", tuple(body))


def _legend() -> Markup:
    return tag(
        "p",
        tag("span", class_="swatch achieved"),
        " achieved by the agents   ",
        tag("span", class_="swatch declared"),
        " declared by the spec for these agents. A branch is the agents on whom the same modifiers act.",
        class_="note",
    )


def _conditions(profile: Profile) -> Markup | None:
    if not profile.conditions:
        return None
    parts: list[Child] = []
    for number, condition in enumerate(profile.conditions, 1):
        parts += ["; " if number > 1 else None, f"{number}: ", tag("code", condition)]
    return tag("p", "Modifiers ", *parts, class_="note")


def _moved_note(profile: Profile, tests: Rows) -> Markup | None:
    if profile.declared is None:
        return tag(
            "p",
            "A formula or a table gives it: there is no declared law to compare with.",
            class_="note",
        )
    if profile.moved:
        return tag(
            "p", "A constraint draws it again, so it differs from the declared law on purpose.", class_="note"
        )
    if not tests:
        return None
    told = [row["text"] for row in tests if row["p_value"] is None and row["text"].startswith("not tested")]
    return tag("p", told[0], class_="note") if told else None


def _panel(profile: Profile, test: dict[str, Any] | None) -> Markup:
    title = profile.branch or "all agents"
    alt = f"{profile.attribute}, {title}: declared and achieved shares"
    if profile.edges:
        drawn = histogram(profile.edges, profile.achieved, profile.declared, dates=profile.dates, alt=alt)
    else:
        labels = profile.options or ("true",)
        drawn = bars(labels, profile.achieved, profile.declared, alt=alt)
    said: list[Child] = [tag("b", title), f" · {profile.n:,} agents"]
    if test is not None and test["p_value"] is not None:
        wrong = test["verdict"] != "pass"
        said.append(tag("span", f" · p = {test['p_value']:.2g}", class_="warn" if wrong else None))
    return tag("figure", drawn, tag("figcaption", *said))


def _correlations(rows: Rows) -> Section | None:
    found = [row for row in rows if row["kind"] == "correlation"]
    if not found:
        return None
    picture = dots(
        [(row["attribute"], row["declared"], row["achieved"]) for row in found],
        alt="Declared and achieved Spearman correlations.",
    )
    return Section(
        "correlations",
        "Correlations",
        (
            tag(
                "p",
                "Spearman. A line is what the spec declares for the base draws, a dot what the agents have.",
                class_="note",
            ),
            tag("figure", picture, class_="wide"),
            tests_markup("Each pair.", found),
        ),
    )


def _modifiers(data: QualityData, rows: Rows) -> Section | None:
    found = [row for row in rows if row["kind"] == "modifier"]
    if not found:
        return None
    conditions = {profile.attribute: profile.conditions for profile in data.profiles}
    body: list[Child] = [
        tag(
            "p",
            "The share of agents that each modifier acts on, of those who have the attribute.",
            class_="note",
        )
    ]
    panels: list[Markup] = []
    for name, group in groupby(found, key=lambda row: row["attribute"]):
        reached = list(group)
        labels = list(conditions.get(name, ())) or [row["branch"] for row in reached]
        shares = [row["achieved"] for row in reached]
        drawn = bars(labels[: len(shares)], shares, None, alt=f"Reach of the modifiers of {name}.")
        panels.append(tag("figure", drawn, tag("figcaption", tag("b", name))))
    body.append(tag("div", *panels, class_="panels"))
    return Section("modifiers", "Reach of the modifiers", tuple(body))


def _relations(rows: Rows) -> Section | None:
    found = [row for row in rows if row["kind"] in ("constraint", "clip", "marginal")]
    if not found:
        return None
    return Section(
        "relations",
        "Constraints, clips and marginals",
        (tests_markup("What holds, and what it cost.", found),),
    )
