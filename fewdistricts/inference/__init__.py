"""Inference for few districts: arrays in, an `Inference` out; it knows no survey, no district and no file."""
