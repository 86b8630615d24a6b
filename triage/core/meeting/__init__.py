"""What a triage meeting is about, when it is, and what was written down, without a database."""
