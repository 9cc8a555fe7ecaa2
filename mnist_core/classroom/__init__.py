"""What a class has: members, questions, a wall of drawings, and a board of challenges."""
