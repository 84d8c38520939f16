"""Benchmarks: each number as a ratio to a named peer or limit. `python -m benchmarks`, or `make benchmark`."""

import os

# before numpy is imported: one thread each, or CPU time and clocks tell of the machine
for _library in ("OPENBLAS", "OMP", "MKL", "NUMBA", "RAYON"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"
