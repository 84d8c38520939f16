"""Rows of the estimates table as words, figures and tables."""
