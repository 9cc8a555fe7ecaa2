"""The pages of the lab: training, predicting, drawing, judging, taking home."""
