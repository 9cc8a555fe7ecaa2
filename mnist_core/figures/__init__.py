"""Plotly figures of records and arrays; they compute nothing and know no page."""
