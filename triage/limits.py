"""How often something may be tried in vain, by whom, within what time; counted in Postgres, over all processes."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from triage.models import Attempt
from triage.store import attempts

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)


class Limit(NamedTuple):
    kind: str
    most: int
    window: timedelta = QUARTER

    def key(self, *who: str) -> str:
        return attempts.key(self.kind, *who)

    def is_spent(self, *who: str) -> bool:
        """True where no further try is allowed at the moment."""
        key = self.key(*who)
        return Attempt.objects.counts([key], timezone.now()).get(key, 0) >= self.most

    def note(self, *who: str) -> bool:
        """Counts a try; False where it was one too many."""
        return attempts.note(self.key(*who), self.window, timezone.now()) <= self.most


TOKENS = Limit("token", 100)  # wrong tokens from one address
INVITATIONS = Limit("invitation", 30)  # links from one address that open nothing
PASSWORDS = Limit("password", 10)  # wrong present passwords of one person who would change theirs
FORGOTTEN = Limit("forgotten", 10)  # mails with a link to a new password, asked for from one address
FORGOTTEN_MAILS = Limit("forgotten mail", 3)  # the same, to one mailbox
SINGLE_SIGN_ONS = Limit("single sign-on", 60)  # begun from one address; many people may share one
PROJECTS = Limit("project", 20, DAY)  # made by one person
MAILS = Limit("mail", 50, DAY)  # invitations that one person has sent
