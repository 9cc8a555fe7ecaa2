"""Sweeps: plans of many trainings, who runs them, and the ready-made ones."""
