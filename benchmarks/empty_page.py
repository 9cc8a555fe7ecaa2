"""The page that others are measured against: a title and nothing else."""

import streamlit as st

st.title("Empty")
