"""Analysts read the catalog while experiments publish."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from worldwright.executors import serial
from worldwright.project.locate import Project
from worldwright.project.run import run_experiment

READER = """
import sys, time, duckdb
path, stop = sys.argv[1], sys.argv[2]
import os
reads, seen = 0, []
while not os.path.exists(stop):
    with duckdb.connect(path, read_only=True) as con:
        runs = "(select count(*) as n from growth.metrics group by cell, replicate)"
        total = con.execute(f"select count(*), min(n), max(n) from {runs}").fetchone()
        version = con.execute("select version from experiments where experiment = 'growth'").fetchone()[0]
    assert total[1] == total[2] == 12, total
    seen.append((version, total[0]))
    reads += 1
assert reads > 3, reads
assert [v for v, _ in seen] == sorted(v for v, _ in seen)
assert len(set(seen)) == len({v for v, _ in seen}), "one version, two answers"
print(reads)
"""


def run(project: Project) -> None:
    with serial() as executor:
        run_experiment(project, "growth", executor, lambda _: None)


def set_replicates(project: Project, number: int) -> None:
    path = project.specs / "experiments" / "growth.yaml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("replicates:")]
    path.write_text("\n".join([*lines, f"replicates: {number}", ""]))


def test_plain_duckdb_reads_whole_versions_while_new_ones_are_published(
    tiny: Project, tmp_path: Path
) -> None:
    set_replicates(tiny, 2)
    run(tiny)
    stop = tmp_path / "stop"
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(tiny.data / "catalog.duckdb"), str(stop)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for number in range(3, 8):
        set_replicates(tiny, number)
        run(tiny)
    stop.touch()
    for reader in readers:
        _, errors = reader.communicate(timeout=60)
        assert reader.returncode == 0, errors


def test_a_reader_that_crashed_with_the_catalog_open_for_writing_breaks_nothing(tiny: Project) -> None:
    set_replicates(tiny, 2)
    run(tiny)
    crash = (
        "import os, sys, duckdb; os.chmod(sys.argv[1], 0o644); con = duckdb.connect(sys.argv[1]); "
        "con.execute('create table mine as select 1'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", crash, str((tiny.data / "catalog.duckdb").resolve())], check=False)
    set_replicates(tiny, 3)
    run(tiny)
    read = (
        "import sys, duckdb; con = duckdb.connect(sys.argv[1], read_only=True); "
        "print(con.execute('select runs from experiments').fetchone()[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", read, str(tiny.data / "catalog.duckdb")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == 6
