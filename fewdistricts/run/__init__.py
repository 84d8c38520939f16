"""From notebooks and data to published files: papermill, kernels and the graph of tasks."""
