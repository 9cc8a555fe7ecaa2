"""The Streamlit side of the dashboard: choices, process-wide resources, shared controls, lesson text."""
