"""Read: a file becomes a frame exactly as found, one module per kind of input."""
