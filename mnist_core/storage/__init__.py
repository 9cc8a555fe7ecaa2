"""Where records are kept: memory, disk, and the folder that servers share."""
