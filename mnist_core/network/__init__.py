"""The network: its parameters, its passes with equations, and the rules that change it."""
