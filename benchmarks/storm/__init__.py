"""More visitors than a lecture hall has: who they are, and what is measured meanwhile."""
