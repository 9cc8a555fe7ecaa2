"""Figures of the lessons, one module a lesson."""
