"""The library behind the dashboard: MNIST, a small network, its training and what it learned.

It knows neither Streamlit nor the dashboard and is used the same way from a notebook. Data flows one
way: `data` and `config` → `network` → `record` → `training` → `engine`, `evaluation` → `figures`.
"""
