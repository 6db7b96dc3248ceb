"""What the reference says that no table of keys can."""

OPENING = """# The spec language

<!-- Written by `worldwright spec reference`; a test holds it to the models. -->

A population is described by one YAML document, a scenario by another that is laid over it. This page is
every key, distribution and function they have, with what each means. Keys that are not listed are errors;
so are anchors, tags, duplicate keys and a second document in one file. Scalars are those of YAML 1.2: `no`,
`on` and `2020-01-05` are text, `1e3` and `.5` are numbers.

```yaml
worldwright: population/1
name: commuters
agents: 5000
attributes:
  age:
    type: int
    unit: years
    distribution: {normal: {mean: 42, sd: 9, min: 18, max: 67}}
    assumption: read off a survey of the region
  region:
    type: categorical
    distribution: {categorical: {city: .55, suburb: .3, country: .15}}
    assumption: shares of the region's towns
  distance:
    type: float
    unit: km
    distribution:
      mixture:
        - share: 1 if region == 'city' else .3
          gamma: {shape: 2, scale: 3}
        - share: 0 if region == 'city' else .7
          lognormal: {mean: 24, sd: 15, max: 150}
    assumption: short ways within a town, long ones between
  children:
    type: int
    distribution: {empirical: {values: {0: 48, 1: 25, 2: 20, 3: 7}}}
    assumption: counts per hundred households
  has_car:
    type: boolean
    distribution: {boolean: .6}
    modifiers:
      - when: region == 'country'
        probability: .9
      - when: children > 0
        scale: 1.5
    assumption: more in the country, and with children
  fuel:
    type: float
    unit: EUR/month
    only_if: has_car
    formula: .16 * distance * 42
  first_trip:
    type: date
    distribution: {uniform: {min: 2024-01-08, max: 2024-01-12}}
    assumption: the week of the survey
  label:
    type: text
    template: "{region}, {age} years, {distance:.1f} km, first seen {first_trip}"
constraints:
  - children == 0 or age >= 20
expect:
  - share: has_car and distance > 10
    is: .32
    within: .05
    assumption: rough
```

Comments, descriptions, sources, `expect:`, `agents:` and names of documents do not enter a spec's digest;
the content of the files it names does.
"""

LAWS = """## Distributions

A distribution is one family with its parameters. Every parameter, and `min` and `max`, is a number or an
expression that reads other attributes, and is then each agent's own. Families with `min` and `max` are
truncated there: what is drawn has the law between the ends, and nothing piles up at them. `mean` and `sd`
stay those of the untruncated law; `check` tells where truncation moves them by more than 2 %. With `clamp:
true` what lies beyond an end is put on it instead.

A whole number drawn from a law of numbers has P(k) = F(k + ½) − F(k − ½) on the whole numbers of [min,
max]; Poisson, binomial, uniform and tables of values have their own probabilities. Dates are days.
"""

ORDER = """## In which order

Attributes are drawn in the order that their expressions ask for; nobody writes it down. For one attribute
of one agent:

1. A uniform number keyed by seed, stream and agent; where correlations name the attribute, it is shaped by
   them.
2. The value at which the truncated law reaches it. Labels and booleans: weights and probabilities after
   their modifiers decide.
3. Modifiers of numbers, all that match: value × the product of `multiply` + the sum of `add`. Of labels,
   the last matching `weights` replaces the table and every matching `scale` multiplies. Of booleans, the
   last matching `probability` replaces and every matching `scale` multiplies the odds.
4. Rounding of `int` and `date`, half to even.
5. `clip`. Bounds of the distribution do not act again: where modifiers can carry a value over them, `check`
   warns. A number that is not finite, a whole number beyond 2⁵³ and a date outside the years 1 to 9999 are
   errors that name the agent.
6. Constraints: where one fails, its owner is drawn again with the uniform of the next attempt, before
   anything else is drawn from it.

An attribute with `only_if` is missing where the condition does not hold; one with a `column` where its
field is empty. Reading what may be missing is an error of the document unless it is guarded: `x is known
and x > 3`, `x if x is known else 0`.
"""

EXPRESSIONS = """## Expressions

An expression stands on a line of its own after its key: inside `{ }` and `[ ]` YAML splits it at a comma.

- Values: numbers, `true`, `false`, labels in quotes (`'chief'`), dates (`date('2020-01-05')`), names of
  attributes.
- Arithmetic on numbers: `+ - * / // %`. There is no power. Division by zero is an error that names the
  agent.
- Dates: date − date is a number of days; date + number and date − number are dates; dates are compared.
- Comparison: `== != < <= > >=`. Labels and booleans have `==` and `!=`; labels that are `ordered: true` all
  of them.
- `and or not`, `x in ['a', 'b']`, `x not in [...]`, `a if condition else b`, `x is known`, `x is not
  known`.
- The types are number, boolean, label, text and date; none is converted into another. A truth becomes a
  number by `1 if x else 0`.
- At most LENGTH characters and DEPTH levels deep.

FUNCTIONS

A template holds places: `{age}`, or `{income:.2f}` for a number with two decimals. Without decimals a number
is written with all it has, a date as `2020-01-05`. What may be missing cannot stand in a template, unless
the text has an `only_if` that says it is there. Nothing is computed from a text, but `x is known` may be
asked.
"""
