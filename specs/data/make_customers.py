"""Makes `customers.csv`, the customers of an invented shop: synthetic, and the same bytes on every machine.

Run it as `python specs/data/make_customers.py`. Nobody in the file exists; its figures hang together as such
files do (older accounts have more orders, larger baskets come with fewer orders) and stand for nothing else.
"""

from __future__ import annotations

import random
from pathlib import Path

ROWS = 400
REGIONS = ("north", "south", "east", "west")
CHANNELS = ("web", "app", "store")


def customers(seed: int = 20260301) -> str:
    """The text of the file; only whole numbers are drawn, so that no rounding of a machine enters."""
    rng = random.Random(seed)
    lines = ["id,region,channel,member,months,orders,basket"]
    for number in range(1, ROWS + 1):
        months = 1 + min(rng.randrange(96), rng.randrange(96))
        member = rng.randrange(100) < 25 + months // 3
        orders = 1 + sum(rng.randrange(100) < (14 if member else 8) for _ in range(months))
        basket = 1800 + rng.randrange(5200) + rng.randrange(5200) - 40 * min(orders, 30)
        region = REGIONS[min(rng.randrange(5), 3)]
        channel = CHANNELS[min(rng.randrange(4), rng.randrange(4), 2)]
        cents = f"{basket // 100}.{basket % 100:02d}"
        lines.append(f"c{number:04d},{region},{channel},{str(member).lower()},{months},{orders},{cents}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("customers.csv").write_text(customers(), encoding="utf-8", newline="\n")
