"""What only a browser can do: each a folder of Python, JavaScript, HTML and CSS."""
