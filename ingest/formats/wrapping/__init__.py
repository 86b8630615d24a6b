"""What a CI system or a container runtime puts before every line, taken off again: one wrapper a file."""
