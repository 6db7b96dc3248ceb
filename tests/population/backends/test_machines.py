"""The same bits on machines with fewer CPU features, and from caches in any state."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.population.backends.specs import content_digest, with_scenario
from worldwright.population import plan, sample

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
sys.path.insert(0, {root!r})
from tests.population.backends.specs import content_digest, with_scenario
from worldwright.population import plan, sample
print(content_digest(sample(plan(with_scenario(), 7), 0, 2000)))
"""


def start(environment: dict[str, str]) -> subprocess.Popen[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("NUMBA_", "NPY_"))}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM.format(root=str(ROOT))],
        env={**kept, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def digest(process: subprocess.Popen[str]) -> str:
    out, error = process.communicate(timeout=280)
    assert process.returncode == 0, error
    return out.strip()


@pytest.fixture(scope="module")
def here() -> str:
    return content_digest(sample(plan(with_scenario(), 7), 0, 2000))


def features() -> list[str]:
    """The optional CPU features of this build of NumPy that this machine has."""
    import numpy as np

    return np.show_config(mode="dicts")["SIMD Extensions"]["found"]  # type: ignore[index, call-overload]


def newest() -> list[str]:
    """Those of AVX-512."""
    return [name for name in features() if "AVX512" in name or name == "X86_V4"]


# before 2.33, glibc called the features …_Usable; it ignores names that it does not know
NO_FMA = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX2,-AVX2_Usable,-FMA,-FMA_Usable"}
MASKS: dict[str, Callable[[], dict[str, str]]] = {
    "NumPy without AVX-512": lambda: {"NPY_DISABLE_CPU_FEATURES": " ".join(newest())},
    "NumPy without AVX2": lambda: {"NPY_DISABLE_CPU_FEATURES": " ".join(features())},
    "libm without FMA": lambda: NO_FMA,
    "all of them": lambda: {"NPY_DISABLE_CPU_FEATURES": " ".join(features()), **NO_FMA},
}


@pytest.mark.parametrize(
    "mask", [pytest.param(name, marks=[] if name == "all of them" else pytest.mark.slow) for name in MASKS]
)
def test_numpy_and_libm_without_their_newer_instructions_give_the_same_bits(here: str, mask: str) -> None:
    assert digest(start(MASKS[mask]())) == here


def test_the_masks_change_the_bits_of_numpy_and_libm() -> None:
    # else the tests above would prove nothing: np.exp and math.exp are what the sampler must not call
    program = (
        "import array, math, hashlib, numpy as np; x = [i / 1000 - 50 for i in range(100_000)];"
        "own = array.array('d', [math.exp(v) for v in x]).tobytes(); theirs = np.exp(np.array(x)).tobytes();"
        "print(*(hashlib.sha256(part).hexdigest() for part in (theirs, own)))"
    )

    def bits(environment: dict[str, str]) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()

    usual, masked = bits({}), bits(MASKS["all of them"]())
    flags = Path("/proc/cpuinfo").read_text().split()
    if "avx512f" not in flags or "fma" not in flags:
        pytest.skip("this processor has no AVX-512 or FMA to mask")
    assert masked[0] != usual[0]
    assert masked[1] != usual[1]


@pytest.mark.slow
def test_kernels_compiled_for_a_generic_processor_give_the_same_bits(here: str, tmp_path: Path) -> None:
    environment = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "", "NUMBA_CACHE_DIR": str(tmp_path)}
    assert digest(start(environment)) == here


@pytest.mark.slow
def test_several_processes_may_start_with_an_empty_cache(here: str, tmp_path: Path) -> None:
    processes = [start({"NUMBA_CACHE_DIR": str(tmp_path)}) for _ in range(3)]
    assert [digest(process) for process in processes] == [here] * 3
    assert not list(tmp_path.rglob("*.tmp"))
    kept = list(tmp_path.rglob("*.nbc"))
    assert kept
    for path in kept:  # a cache torn by a crash costs time only
        path.write_bytes(path.read_bytes()[:100])
    assert digest(start({"NUMBA_CACHE_DIR": str(tmp_path)})) == here


def test_the_compiled_kernels_are_kept_between_processes(tmp_path: Path) -> None:
    program = (
        "from worldwright.population.kernels import elementary as e; import numpy as np;"
        "x = np.ones(1); e.exp_of(x, x); print(sum(e.exp_of._dispatcher.stats.cache_hits.values()))"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    hits: list[str] = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        hits.append(done.stdout.strip())
    assert hits == ["0", "1"]
    assert len(list(tmp_path.rglob("*exp_of*.nbc"))) == 1


def test_no_folder_to_write_to_is_no_obstacle(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        locked = "/proc/nowhere"
    else:
        tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
        locked = str(tmp_path / "nowhere")
    program = (
        "import numba.core.caching as c; c.CacheImpl._locator_classes = [c.UserProvidedCacheLocator];"
        "from worldwright.population.kernels import elementary as e; import numpy as np;"
        "x = np.zeros(1); e.exp_of(x, x); assert x[0] == 1"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": locked}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
