"""What is found out about a trained network, from its record and the images."""
