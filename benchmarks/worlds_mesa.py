"""The models of `worlds/` in Mesa 3.3, run by the interpreter of an environment that has it.

    python worlds_mesa.py MODEL SETTINGS STEPS SEED [SEED …]

prints, for each seed, a line of JSON: CPU seconds of building and of stepping, and figures of its results.
Wolf-sheep and flocking are Mesa's own examples; in wolf-sheep both species run in one shuffled order, and
grass grows back because its simulator runs the model. Nothing is collected while a model runs.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import mesa
from mesa.discrete_space import CellAgent, OrthogonalMooreGrid


def wolf_sheep(seed: int, width: int, sheep: int, wolf: int, **given: float) -> tuple[Any, Any, Any]:
    from mesa.agent import AgentSet
    from mesa.examples.advanced.wolf_sheep.agents import Sheep, Wolf
    from mesa.examples.advanced.wolf_sheep.model import WolfSheep
    from mesa.experimental.devs import ABMSimulator

    class Model(WolfSheep):
        def step(self) -> None:
            animals = [*self.agents_by_type.get(Sheep, ()), *self.agents_by_type.get(Wolf, ())]
            order = AgentSet(animals, random=self.random)
            del animals  # who is eaten must not be kept alive by a list
            order.shuffle_do("step")

    simulator = ABMSimulator()
    model = Model(
        width, width, sheep, wolf, given["sheep_reproduce"], given["wolf_reproduce"], given["wolf_gain"],
        grass_regrowth_time=int(given["regrowth"]), sheep_gain_from_food=given["sheep_gain"],
        seed=seed, simulator=simulator,
    )  # fmt: skip
    return (
        model,
        simulator.run_for,
        lambda: {
            "sheep": len(model.agents_by_type.get(Sheep, ())),
            "wolves": len(model.agents_by_type.get(Wolf, ())),
        },
    )


class Resident(CellAgent):
    def __init__(self, model: Any, cell: Any, kind: int) -> None:
        super().__init__(model)
        self.cell, self.kind, self.alike, self.moved = cell, kind, 0, False

    def step(self) -> None:
        near = self.cell.get_neighborhood(radius=self.model.radius).agents
        self.alike = sum(other.kind == self.kind for other in near)
        self.moved = self.alike < self.model.wanted
        if self.moved:
            self.cell = self.model.grid.select_random_empty_cell()


def schelling(seed: int, width: int, red: int, blue: int, wanted: int, radius: int) -> tuple[Any, Any, Any]:
    model = mesa.Model(seed=seed)
    model.wanted, model.radius = wanted, radius
    model.grid = OrthogonalMooreGrid((width, width), random=model.random, capacity=1)
    cells = model.random.sample(list(model.grid.all_cells), red + blue)
    for i, cell in enumerate(cells):
        Resident(model, cell, int(i < red))

    def figures() -> dict[str, float]:
        agents = list(model.agents)
        return {
            name: sum(getattr(agent, name) for agent in agents) / len(agents) for name in ("alike", "moved")
        }

    return model, stepper(lambda: model.agents.shuffle_do("step")), figures


def flocking(seed: int, width: int, boid: int, vision: float, separation: float) -> tuple[Any, Any, Any]:
    import numpy as np
    from mesa.examples.basic.boid_flockers.model import BoidFlockers

    model = BoidFlockers(boid, width, width, 1, vision, separation, seed=seed)

    def figures() -> dict[str, float]:
        heading = np.array([agent.direction for agent in model.agents]).mean(axis=0)
        return {"order": float(np.hypot(*heading))}

    return model, stepper(lambda: model.agents.shuffle_do("step")), figures


class Person(CellAgent):
    def __init__(self, model: Any, cell: Any) -> None:
        super().__init__(model)
        self.cell, self.wealth, self.coming = cell, 1, 0

    def step(self) -> None:
        self.wealth, self.coming = self.wealth + self.coming, 0
        self.cell = self.cell.neighborhood.select_random_cell()
        if self.wealth > 0:
            others = [other for other in self.cell.agents if other is not self]
            if others:
                self.random.choice(others).receive()
                self.wealth -= 1

    def receive(self) -> None:
        self.model.given.append(self)


def money(seed: int, width: int, person: int) -> tuple[Any, Any, Any]:
    model = mesa.Model(seed=seed)
    model.grid = OrthogonalMooreGrid((width, width), random=model.random)
    model.given = []
    Person.create_agents(model, person, model.random.choices(model.grid.all_cells.cells, k=person))

    def step() -> None:
        model.agents.shuffle_do("step")
        given, model.given = model.given, []
        for receiver in given:  # a coin counts when its receiver runs next
            receiver.coming += 1

    def figures() -> dict[str, float]:
        wealth = [agent.wealth for agent in model.agents]
        return {"poor": wealth.count(0) / person, "squares": sum(w * w for w in wealth) / person}

    return model, stepper(step), figures


def stepper(step: Any) -> Any:
    def run_for(steps: int) -> None:
        for _ in range(steps):
            step()

    return run_for


MODELS = {"wolf-sheep": wolf_sheep, "schelling": schelling, "flocking": flocking, "money": money}


def main() -> None:
    name, settings, steps, *seeds = sys.argv[1:]
    for seed in seeds:
        start = time.process_time()
        _model, run_for, figures = MODELS[name](int(seed), **json.loads(settings))
        built = time.process_time()
        run_for(int(steps))
        ended = time.process_time()
        print(
            json.dumps({"setup_s": built - start, "steps_s": ended - built, "figures": figures()}), flush=True
        )


if __name__ == "__main__":
    main()
