"""What the tests side reports for machines: results, and steps with their times."""
