"""The loops that make a run's updates, compiled by TensorFlow or in NumPy, and what each needs."""
