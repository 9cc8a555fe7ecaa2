"""Images: MNIST, how they are prepared, what is drawn or photographed."""
