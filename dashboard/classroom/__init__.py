"""A class as its lecturer and its members see it."""
