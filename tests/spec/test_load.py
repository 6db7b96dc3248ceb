"""Loading whole documents: meaning, order, dependencies, missing values, all problems at once."""

import copy
import pickle
import subprocess
import sys

import pytest

from tests.spec.specs import AGE, HEAD, RANK, RENT, SURGEONS, drawn, errors, formula, load, loaded
from worldwright.spec.expressions.canonical import text
from worldwright.spec.population import AttributeType, Origin, Strategy


def test_the_example_of_the_language_means_what_it_says() -> None:
    population = loaded(SURGEONS)
    assert population.name == "german-surgeons"
    assert population.description == "Surgeons practising in Germany, 2024"
    assert population.agents == 2000
    assert population.columns == ("age", "experience", "rank", "private_practice", "practice_rent")
    assert tuple(attribute.name for attribute in population.attributes) == population.columns
    assert population.sources == {"baek24": {"title": "Ärztestatistik 2024", "accessed": "2026-11-01"}}
    age = population.attribute("age")
    assert age.type is AttributeType.INT
    assert age.strategy is Strategy.INDEPENDENT
    assert age.origin is Origin.BASE
    assert age.stream == "age"
    assert age.distribution is not None
    assert {name: text(value) for name, value in age.distribution.parameters.items()} == {
        "mean": "47",
        "sd": "11",
    }
    assert age.distribution.minimum is not None and text(age.distribution.minimum) == "26"
    experience = population.attribute("experience")
    assert experience.strategy is Strategy.CONDITIONAL
    assert experience.reads == ("age",)
    assert experience.unit == "years"
    rank = population.attribute("rank")
    assert rank.options == ("resident", "specialist", "senior", "chief")
    assert rank.ordered
    assert rank.distribution is not None and list(rank.distribution.weights) == list(rank.options)
    assert rank.modifiers[0].weights is not None and text(rank.modifiers[0].weights["chief"]) == "0.21"
    assert text(rank.modifiers[0].when) == "experience > 15"
    practice = population.attribute("private_practice").distribution
    assert practice is not None and text(practice.parameters["p"]) == "0.18"
    rent = population.attribute("practice_rent")
    assert rent.only_if is not None and text(rent.only_if) == "private_practice"
    assert rent.reads == ("private_practice",)
    (correlation,) = population.correlations
    assert (correlation.first, correlation.second, correlation.value) == ("age", "experience", 0.6)
    (constraint,) = population.constraints
    assert (constraint.owners, constraint.drop) == (("experience",), False)
    (expectation,) = population.expectations
    assert (expectation.statistic, expectation.of, expectation.value) == ("mean", ("age",), 47.1)
    assert expectation.label == "mean of age is 47.1 ± 0.5"
    assert population.digest.startswith("spec:") and population.digest == population.base_digest


def test_the_example_raises_only_lints() -> None:
    _, diagnostics = load(SURGEONS)
    assert {diagnostic.slug for diagnostic in diagnostics} == {"truncation-shift", "no-source"}


def test_expressions_point_into_the_document() -> None:
    population = loaded(SURGEONS)
    rows = SURGEONS.splitlines()
    law = population.attribute("experience").distribution
    assert law is not None
    span = law.parameters["mean"].span
    assert rows[span.start.line - 1][span.start.column - 1 : span.end.column - 1] == "age - 28"


def test_a_population_travels_and_cannot_be_changed() -> None:
    population = loaded(SURGEONS)
    again = pickle.loads(pickle.dumps(population))
    assert again == population
    assert hash(again) == hash(population)
    assert copy.deepcopy(population) == population
    law = again.attribute("age").distribution
    assert law is not None
    with pytest.raises(TypeError, match="cannot be changed"):
        law.parameters["mean"] = law.parameters["sd"]
    with pytest.raises(TypeError, match="cannot be changed"):
        again.sources.clear()


def test_order_follows_needs_and_ties_follow_the_file() -> None:
    population = loaded(
        HEAD
        + formula("total", "b + a")
        + drawn("z")
        + drawn("b", "{normal: {mean: z, sd: 1}}")
        + drawn("a")
        + AGE
    )
    assert [attribute.name for attribute in population.attributes] == ["z", "b", "a", "total", "age"]
    assert population.columns == ("total", "z", "b", "a", "age")
    assert population.attribute("total").reads == ("b", "a")
    assert population.attribute("total").strategy is Strategy.DERIVED


def test_a_cycle_is_told_with_its_whole_path() -> None:
    spec = HEAD + formula("a", "b + 1") + formula("b", "c") + formula("c", "a") + formula("d", "d + 1")
    found = errors(spec)
    assert [diagnostic.message for diagnostic in found] == [
        "attributes need each other: a -> b -> c -> a",
        "`d` needs itself: d -> d",
    ]
    assert [message for _, message in found[0].related] == ["`b` is declared here", "`c` is declared here"]


def test_several_problems_are_told_in_one_run() -> None:
    found = errors(
        HEAD
        + AGE.replace("int", "integer")
        + RANK.replace(".6", ".5")
        + drawn("x", "{normal: {mean: agee, sd: 0}}")
        + drawn("y", "{normal: {mean: age, sd: 2}}", tint="red")
        + "constraints:\n  - y > zz\n"
        + "agnets: 3\n"
    )
    assert [diagnostic.code for diagnostic in found] == [
        "WW0132",
        "WW0312",
        "WW0204",
        "WW0302",
        "WW0130",
        "WW0204",
        "WW0130",
    ]


def test_what_cannot_be_read_raises_no_second_error_elsewhere() -> None:
    found = errors(
        HEAD
        + AGE.replace("int", "integer")
        + formula("older", "age + 1")
        + formula("broken", "age +")
        + formula("twice", "broken * 2")
        + "correlations:\n  - [age, older, .3]\nexpect:\n  - {mean: age, is: 3, within: 1, source: s}\n"
        + "sources:\n  s: {titel: x}\n"
    )
    assert [diagnostic.code for diagnostic in found] == ["WW0132", "WW0201", "WW0130"]


def test_reading_what_may_be_missing_needs_a_guard() -> None:
    spec = HEAD + AGE + RANK + RENT
    (found,) = errors(spec + formula("costs", "rent + 300"))
    assert found.message == "`rent` has a value only where rank == 'chief'"
    for guarded in (
        "rent + 300 if rent is known else 300",
        "300 if rent is not known else rent",
        "300 if not (rent is known) else rent",
        "1 if rent is known and rent > 5000 else 0",
        "0 if rent is not known or rent < 5000 else 1",
        "rent if rank == 'chief' else 0",
        "rent if age > 30 and rank == 'chief' else 0",
    ):
        loaded(spec + formula("costs", guarded))
    for open_read in (
        "rent if age > 30 else 0",
        "0 if rent is known else rent",
        "1 if rent is known or rent > 5000 else 0",
        "1 if rent > 5000 and rent is known else 0",
        "rent if rank == 'senior' else 0",
        "rent if rank != 'chief' else 0",
    ):
        assert [d.code for d in errors(spec + formula("costs", open_read))] == ["WW0209"]


def test_a_condition_of_the_reader_guards_all_it_reads() -> None:
    spec = HEAD + AGE + RANK + RENT
    loaded(
        spec + drawn("staff", "{normal: {mean: rent / 1000, sd: 1}}", only_if="rank == 'chief' and age > 40")
    )
    loaded(spec + drawn("staff", "{normal: {mean: rent / 1000, sd: 1}}", only_if="rent is known"))
    (found,) = errors(spec + drawn("staff", "{normal: {mean: rent / 1000, sd: 1}}", only_if="age > 40"))
    assert found.code == "WW0209"


def test_a_modifier_guards_its_own_change() -> None:
    spec = HEAD + AGE + RANK + RENT
    body = drawn("costs") + "    modifiers:\n      - when: %s\n        add: rent\n"
    loaded(spec + body % "rank == 'chief'")
    assert [d.code for d in errors(spec + body % "age > 3 and age < 30")] == ["WW0209"]


def test_what_is_known_of_one_attribute_tells_of_others() -> None:
    spec = HEAD + AGE + RANK + RENT + drawn("tips", only_if="rent is known")
    loaded(spec + formula("sum", "tips + rent if tips is known else 0"))


def test_constraints_and_expectations_need_guards_too() -> None:
    spec = HEAD + AGE + RANK + RENT
    assert [d.code for d in errors(spec + "constraints:\n  - rent < 9000\n")] == ["WW0209"]
    population = loaded(spec + "constraints:\n  - rent is not known or rent < 9000\n")
    assert population.constraints[0].owners == ("rent",)
    share = "expect:\n  - {share: rent > 5000, is: .4, within: .1, assumption: true%s}\n"
    assert [d.code for d in errors(spec + share % "")] == ["WW0209"]
    loaded(spec + share % ", where: rent is known")


def test_labels_that_look_like_numbers_are_labels() -> None:
    population = loaded(HEAD + drawn("storey", "{categorical: {1: .5, no: .5}}", "categorical"))
    assert population.attribute("storey").options == ("1", "no")


def test_dates_are_drawn_between_dates() -> None:
    population = loaded(
        HEAD
        + drawn("born", "{uniform: {min: 1970-01-02, max: date('1980-01-01')}}", "date")
        + formula("grown", "born + 6574", "date")
        + formula("days", "grown - born", "int")
    )
    law = population.attribute("born").distribution
    assert law is not None and text(law.parameters["min"]) == "date('1970-01-02')"


def test_options_of_a_formula_come_from_its_labels() -> None:
    young = formula("group", "\"'young' if age < 30 else 'old' if age > 60 else 'young'\"", "categorical")
    assert loaded(HEAD + AGE + young).attribute("group").options == ("young", "old")
    copied = formula("same", "rank", "categorical")
    assert [d.code for d in errors(HEAD + AGE + RANK + copied)] == ["WW0214"]
    listed = formula("same", "rank", "categorical", options="[senior, chief]")
    assert loaded(HEAD + AGE + RANK + listed).attribute("same").options == ("senior", "chief")
    short = formula("same", "rank", "categorical", options="[senior]")
    assert [d.code for d in errors(HEAD + AGE + RANK + short)] == ["WW0206"]


def test_a_template_reads_the_attributes_in_its_braces() -> None:
    text_of = '  label:\n    type: text\n    template: "{rank}, {age} years"\n'
    label = loaded(HEAD + text_of + AGE + RANK).attribute("label")
    assert label.reads == ("rank", "age")
    assert label.template == "{rank}, {age} years"
    (found,) = errors(HEAD + AGE + text_of)
    assert (found.code, found.message) == ("WW0204", "there is no attribute `rank`")
    assert found.span is not None and (found.span.start.line, found.span.start.column) == (7, 17)


@pytest.mark.parametrize("name", ["min", "and", "known", "2nd", "my-age", "é", "a" * 65, "a b"])
def test_names_that_expressions_could_not_write(name: str) -> None:
    assert "WW0212" in [d.code for d in errors(HEAD + drawn(f'"{name}"'))]


def test_a_key_without_a_value_is_an_error() -> None:
    (found,) = errors(HEAD + AGE + drawn("x", unit=""))
    assert (found.code, found.message) == ("WW0132", "`attributes.x.unit` has no value")
    assert found.span is not None and found.span.start.line == 9


def test_loading_needs_no_heavy_library() -> None:
    program = (
        "import sys; from worldwright.spec import Source, load_population; "
        f"assert load_population(Source('x', {SURGEONS!r}))[0]; "
        "heavy = {'numpy', 'scipy', 'numba', 'pandas', 'matplotlib', 'pyarrow', 'duckdb'}; "
        "assert not heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
