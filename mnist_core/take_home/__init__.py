"""What a visitor takes home of a run: scripts, a notebook, settings, files, a report."""
