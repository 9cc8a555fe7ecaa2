"""Training: the loop, its compiled form, and the record that it leaves."""
