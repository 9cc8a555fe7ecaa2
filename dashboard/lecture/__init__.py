"""A lecture: the tour and its bar, links and QR codes."""
