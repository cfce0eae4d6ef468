"""Place: where each service stands and which areas it serves."""
