"""Measurements, each a program: `python -m benchmarks.training`, `python -m benchmarks.pages`."""
