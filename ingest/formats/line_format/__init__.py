"""A team's own line: described once per project as a pattern with named fields, and from then on a format like any.

The pattern is a template, `{time} [{pid}] {level} {message}`, or a regular expression with named groups. Both are run
by RE2, which takes time proportional to the line whatever the pattern is: patterns are input from outside, too.
"""

from ingest.formats.line_format.custom import Custom, compiled, preferred
from ingest.formats.line_format.guess import guessed
from ingest.formats.line_format.record import BadPattern, Kind, LineFormat, name_of

__all__ = ["BadPattern", "Custom", "Kind", "LineFormat", "compiled", "guessed", "name_of", "preferred"]
