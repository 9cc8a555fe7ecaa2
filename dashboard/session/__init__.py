"""What belongs to one visitor: choices, the visit, the current run, and what it looks again at."""
