"""What the lessons share: their frame, questions, and trainings of their own."""
