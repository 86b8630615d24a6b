"""What the logs of a run cannot prove: every gap that holds, what it hides, and the line that closes it."""
