"""What a store does not write, in a sentence for whoever asked."""

from __future__ import annotations


class Refused(Exception):
    """A sentence on why it was not written."""
