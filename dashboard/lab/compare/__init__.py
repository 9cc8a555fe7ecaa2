"""The parts of the page Compare: runs side by side, pairs, sweeps."""
