"""Archives read as streams: what is in them, which files are worth reading, one of them as a file.

Nothing is ever written, no name of an archive becomes a path, and all that an archive claims is held to bounds.
"""

from ingest.formats.archive.choosing import Chosen, archive_pieces, chosen, opened_member
from ingest.formats.archive.member import Listing, Member
from ingest.formats.archive.opening import kind_of, listed, members
from ingest.formats.archive.stream import Damaged, MemberFile

__all__ = [
    "Chosen",
    "Damaged",
    "Listing",
    "Member",
    "MemberFile",
    "archive_pieces",
    "chosen",
    "kind_of",
    "listed",
    "members",
    "opened_member",
]
