"""The training process: what runs in it, how it starts, and what it may take."""
