"""A large hall on one machine: `python -m hall` starts nginx, dashboards, and what trains for them."""
