"""Evaluation reports for programmes piloted in a handful of districts.

The import order is the reading order: errors, paths, design, survey, estimate, exhibits, publish, run, __main__.
"""
