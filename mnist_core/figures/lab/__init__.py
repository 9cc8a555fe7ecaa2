"""Figures of the lab's pages."""
