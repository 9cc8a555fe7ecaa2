"""The library behind the dashboard: MNIST, a small network, its training and what it learned.

It knows neither Streamlit nor the dashboard and is used the same way from a notebook. Each package uses only
those below it: `take_home`; `figures`; `sweeps` and `classroom`; `engine`; `storage` and `lessons`;
`analysis`; `training`; `images` and `network`; `config` and `bounds`.
"""
