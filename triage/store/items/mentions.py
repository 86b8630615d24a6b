"""Who is named in a note: `@anna`, at the start of a word, and a member of the project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from triage.models import Mention
from triage.store.notice_data import of_group
from triage.store.notices import tell_person

AT_SIGNS = 50  # in one text that are looked at
LONGEST = 150  # characters of a user name
POSSIBLE = 12  # names that one word is tried as
ENDS = ".+-"  # what user names may hold, and what may end a word
QUOTED = 500  # characters of a note that a mail repeats


def tell_mentioned(decisions: Sequence[Any], by: Any) -> None:
    """Keeps who is named in the texts of decisions, and tells each once. Nobody is told what they wrote themselves."""
    named = [(decision, names_in(decision.text)) for decision in decisions if "@" in decision.text]
    wanted = {name.lower() for _, places in named for place in places for name in place}
    if not wanted:
        return
    people = [user for user in Mention.objects.members_named(named[0][0].project_id, wanted) if user != by]
    found = [Mention(decision=decision, user=user) for decision, places in named for user in meant(places, people)]
    Mention.objects.bulk_create(found, ignore_conflicts=True)
    for mention in {mention.user_id: mention for mention in reversed(found)}.values():
        decision = mention.decision
        said = {"who": decision.who, "text": decision.text[:QUOTED], "item": decision.item_id}
        data = of_group(decision.item.group, None) | said
        tell_person(decision.project_id, mention.user_id, "mention", f"decision:{decision.pk}", data)


def names_in(text: str) -> list[list[str]]:
    """For each `@` that starts a word: the names that may be meant, the longest first."""
    found: list[list[str]] = []
    place = text.find("@")
    for _ in range(AT_SIGNS):
        if place < 0:
            break
        begin = end = place + 1
        if place == 0 or not _inside(text[place - 1]):
            while end < len(text) and end - begin < LONGEST and _inside(text[end]):
                end += 1
            if end > begin:
                found.append(_possible(text[begin:end]))
        place = text.find("@", end)
    return found


def meant(places: Iterable[Sequence[str]], people: Sequence[Any]) -> list[Any]:
    """The people meant, each once, in the order of the text."""
    folded = {user.get_username().lower(): user for user in reversed(people)}
    exact = {user.get_username(): user for user in people}
    found = {}
    for names in places:
        user = next((exact.get(name) or folded[name.lower()] for name in names if name.lower() in folded), None)
        if user is not None:
            found[user.pk] = user
    return list(found.values())


def _inside(character: str) -> bool:
    return character.isalnum() or character in "_@" or character in ENDS


def _possible(word: str) -> list[str]:
    """A name may end before anything that ends a word: `anna.b.` is anna.b., anna.b or anna."""
    ends = [n for n in range(1, len(word)) if word[n] in ENDS or word[n] == "@"]
    chosen = sorted({len(word), *ends[-POSSIBLE:], *ends[:1]}, reverse=True)
    return [word[:n] for n in chosen]
