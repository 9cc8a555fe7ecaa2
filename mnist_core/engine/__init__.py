"""Who trains when, and where: jobs, their queue, and the training process."""
