"""What a meeting does not do, in a sentence for whoever asked."""

from __future__ import annotations


class Refused(Exception):
    """A sentence on why it was not written."""


OVER = "This meeting has ended. What was decided in it stays as it is."


class Over(Refused):
    def __init__(self) -> None:
        super().__init__(OVER)
