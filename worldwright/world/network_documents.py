"""What `network:` of a world document looks like, as frozen models.

Takes plain data from `spec.binding`. Meaning is given to it by `load_network`. Touches nothing.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from worldwright.spec.binding import one_of, refused
from worldwright.world.place_documents import Part

Probability = Annotated[float, Field(ge=0, le=1)]
Columns = Annotated[list[str], Field(min_length=1)]


class WattsStrogatz(Part):
    """A ring of k neighbours, each edge rewired with probability p (Watts and Strogatz 1998)."""

    k: Annotated[int, Field(ge=1)]
    p: Annotated[float, Field(ge=0, le=1)]


class ErdosRenyi(Part):
    """Each pair is linked with probability p, or so that the mean degree is as given."""

    p: Annotated[float, Field(ge=0, le=1)] | None = None
    mean_degree: Annotated[float, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _one_density(self) -> ErdosRenyi:
        if (self.p is None) == (self.mean_degree is None):
            raise one_of("erdos_renyi needs either `p` or `mean_degree`")
        return self


class BarabasiAlbert(Part):
    """Each newcomer links to m others, preferring the well linked (Barabási and Albert 1999)."""

    m: Annotated[int, Field(ge=1)]


class StochasticBlock(Part):
    """Each pair is linked with the probability of its groups (Holland, Laskey and Leinhardt 1983)."""

    by: Columns | None = None
    sizes: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1)] | None = None
    within: Probability | None = None
    between: Probability | None = None
    p: list[list[Probability]] | None = None

    @model_validator(mode="after")
    def _whole(self) -> StochasticBlock:
        if (self.by is None) == (self.sizes is None):
            raise one_of("stochastic_block needs either `by` (columns of the population) or `sizes`")
        if (self.p is None) == (self.within is None) or (self.within is None) != (self.between is None):
            raise one_of("stochastic_block needs either `p` (a matrix), or `within` and `between`")
        if self.p is not None:
            n = len(self.p)
            if any(len(row) != n for row in self.p) or (self.sizes is not None and len(self.sizes) != n):
                raise refused("`p` has a row and a column for each group")
            if any(self.p[i][j] != self.p[j][i] for i in range(n) for j in range(i)):
                raise refused("`p` is symmetric: links have no direction")
        return self


class Homophily(Part):
    """Pairs that agree in some columns are linked `preference` times as often as others."""

    by: Columns
    mean_degree: Annotated[float, Field(ge=0)]
    preference: Annotated[float, Field(ge=0)]


class Edges(Part):
    """Links from a CSV file with a header."""

    file: str
    source: str = "source"
    target: str = "target"
    match: str = "row"
    """What its values are: `row` (numbers from 0), `id` (entity ids), or a column of the population."""
    directed: bool = False


MODELS = ("watts_strogatz", "erdos_renyi", "barabasi_albert", "stochastic_block", "homophily", "edges")


class NetworkDocument(Part):
    """`network:`."""

    of: str
    watts_strogatz: WattsStrogatz | None = None
    erdos_renyi: ErdosRenyi | None = None
    barabasi_albert: BarabasiAlbert | None = None
    stochastic_block: StochasticBlock | None = None
    homophily: Homophily | None = None
    edges: Edges | None = None

    @model_validator(mode="after")
    def _one_model(self) -> NetworkDocument:
        if sum(getattr(self, model) is not None for model in MODELS) != 1:
            raise one_of(
                f"a network needs one of {', '.join(MODELS)}", "such as `watts_strogatz: {k: 8, p: .1}`"
            )
        return self
