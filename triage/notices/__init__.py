"""Sending: one file a channel, and what all of them need to reach the outside without being led astray."""
