"""What the server does beside showing pages: files, limits, its log, its end."""
