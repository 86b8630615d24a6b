"""Writes of meetings: how they begin, run and end, what is written in them, their schedules, and who is on duty."""
