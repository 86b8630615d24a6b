"""One cause of a failing test a file: what speaks for it, and what looks the same but is not."""
