"""What the first figure of a process takes, taken when this module is imported: once, before kernels are forked.

Fonts are found and read, and the parts of matplotlib and seaborn that are loaded when first used are loaded. Nothing of
it shows: settings are as they were, and pyplot, whose windows belong to a kernel, is not asked.
"""

import matplotlib
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from fewdistricts.exhibits import display
from fewdistricts.exhibits.figures import style

with matplotlib.rc_context():
    style.apply()
    figure = Figure(layout="constrained")
    left, right = figure.subplots(1, 2)
    rows = pd.DataFrame({"x": [0.0, 1.0], "y": ["a", "b"], "low": [0.0, 0.5], "high": [0.5, 1.5]})
    sns.scatterplot(rows, x="x", y="y", ax=left)
    left.hlines(rows["y"], rows["low"], rows["high"])
    sns.stripplot(rows, x="x", y="y", hue="y", ax=right)
    for weight in ("normal", "semibold", "bold"):
        figure.text(0, 0, "0", weight=weight)
    figure.text(0, 0, "0", style="italic")
    display.svg(figure)
style.apply.cache_clear()
