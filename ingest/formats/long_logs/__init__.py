"""A log far longer than the run: the run's place in it, found without reading every line."""
