"""Jupyter kernels and a papermill engine forked from a process that has the heavy imports done."""
