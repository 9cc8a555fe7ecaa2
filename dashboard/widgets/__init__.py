"""What several pages show: the current run, charts, images, settings, the network."""
