"""Travel: how far families live from what serves them, by road and ferry."""
