"""What people decide about items: status, owner, due date, ticket, blocker, how long a fix is watched, notes.

Each call is one transaction. The same decision twice is one, and what changes nothing writes nothing. Bad input raises
ValueError with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from triage.models import Decision, Item, Mention
from triage.store.items.actors import NAME, Actor
from triage.store.items.changing import Change, checked_text, decide
from triage.store.notice_data import of_group
from triage.store.notices import tell_person
from triage.store.text import clean

PASSES = 20  # that a fix is watched for, unless somebody says otherwise
MOST_PASSES = 1_000
LINK = 2_000  # characters
FIRST_YEAR, LAST_YEAR = 2000, 2100  # of due dates
STATUS = Item.Status
WATCHED = (STATUS.FIX_CLAIMED, STATUS.OBSERVING)  # a failure from then on says that the fix was none


def set_status(
    items: Iterable[Any], actor: Actor, status: str, *, passes_wanted: int | None = None, text: str = "",
    meeting: Any = None,
) -> tuple[Any, ...]:  # fmt: skip
    """Any status after any other. Observing counts passes from now on; a text that comes with no change is a note."""
    if status not in STATUS.values:
        raise ValueError(f"There is no such status; choose one of {', '.join(STATUS.values)}.")
    return _set_status(items, actor, Decision.What.STATUS, status, passes_wanted, checked_text(text), meeting)


def watch(items: Iterable[Any], actor: Actor, passes: int, *, meeting: Any = None) -> tuple[Any, ...]:
    """Observes until so many passes. What is observed already goes on counting from where it began."""
    return _set_status(items, actor, Decision.What.WATCH, STATUS.OBSERVING, passes, "", meeting)


def set_owner(
    items: Iterable[Any], actor: Actor, *, user: Any = None, name: str = "", due: date | None = None,
    meeting: Any = None,
) -> tuple[Any, ...]:  # fmt: skip
    """A member of the project, or a team's name; neither: nobody's. A due date may come with it; none leaves it."""
    items = list(items)
    kept = clean(" ".join((user.get_username() if user is not None else name).split()), NAME + 1)
    if len(kept) > NAME:
        raise ValueError(f"An owner's name has at most {NAME} characters.")
    for project in {item.project_id for item in items} if user is not None else ():
        if not Mention.objects.is_member(project, user):
            raise ValueError(f"{kept} is no member of this project: invite them first, or name a team.")
    fields = {"owner": user.pk if user is not None else None, "owner_name": kept}
    dated = {} if due is None else {"due": _checked_due(due)}

    def change(item: Any) -> Change:
        whose = (item.owner_id, item.owner_name) != (fields["owner"], fields["owner_name"])
        return Change(what=Decision.What.OWNER if whose else Decision.What.DUE, fields=fields | dated)

    made = decide(items, actor, lambda held: ((item, change(item)) for item in held), meeting)
    if user is not None and (actor.user is None or actor.user.pk != user.pk):
        _tell_owner(user, actor, [each for each in made if each.what == Decision.What.OWNER])
    return made


def set_due(items: Iterable[Any], actor: Actor, due: date | None, *, meeting: Any = None) -> tuple[Any, ...]:
    change = Change(what=Decision.What.DUE, fields={"due": None if due is None else _checked_due(due)})
    return decide(items, actor, _each(change), meeting)


def set_ticket(items: Iterable[Any], actor: Actor, url: str, *, meeting: Any = None) -> tuple[Any, ...]:
    """The address of a ticket; "" for none."""
    change = Change(what=Decision.What.TICKET, fields={"ticket": _checked_link(url)})
    return decide(items, actor, _each(change), meeting)


def set_blocker(items: Iterable[Any], actor: Actor, blocker: bool, *, meeting: Any = None) -> tuple[Any, ...]:
    change = Change(what=Decision.What.BLOCKER, fields={"blocker": bool(blocker)})
    return decide(items, actor, _each(change), meeting)


def note(item: Any, actor: Actor, text: str, *, meeting: Any = None) -> Any:
    """Keeps a note as plain text. The same one twice in a row by the same person is the first one."""
    text = checked_text(text)
    if not text:
        raise ValueError("Write something first.")
    made = decide([item], actor, lambda held: _noted(held, actor, text), meeting)
    newest = made[0] if made else Decision.objects.newest_of([item.pk]).get(item.pk)
    if newest is None:
        raise ValueError("There is no such item any more.")
    return newest


def _set_status(
    items: Iterable[Any], actor: Actor, what: str, status: str, wanted: int | None, text: str, meeting: Any
) -> tuple[Any, ...]:
    if wanted is not None and not (isinstance(wanted, int) and 1 <= wanted <= MOST_PASSES):
        raise ValueError(f"A fix is watched for 1 to {MOST_PASSES:,} passes.")
    now = datetime.now(UTC)

    def changes(held: Sequence[Any]) -> Iterator[tuple[Any, Change | None]]:
        told = [(item, _fields_of(item, status, wanted, now)) for item in held]
        as_before = [item for item, fields in told if all(getattr(item, name) == fields[name] for name in fields)]
        if status != STATUS.RESOLVED:
            _refuse_what_came_back([item for item in held if item.status == STATUS.RESOLVED])
        yield from _noted(as_before, actor, text) if text else ()
        kept = {item.pk for item in as_before}
        yield from ((item, Change(what=what, fields=fields, text=text)) for item, fields in told if item.pk not in kept)

    return decide(items, actor, changes, meeting)


def _fields_of(item: Any, status: str, wanted: int | None, now: datetime) -> dict[str, Any]:
    """What a status means for the fields beside it."""
    same = item.status == status
    if status == STATUS.RESOLVED:
        return {"status": status, "closed_at": item.closed_at or now}
    fields = {"status": status, "closed_at": None, "observing_since": None, "passes_wanted": None}
    if status in WATCHED:
        fields["observing_since"] = item.observing_since if same and item.observing_since else now
    if status == STATUS.OBSERVING:
        fields["passes_wanted"] = wanted or (item.passes_wanted if same else None) or PASSES
    return fields


def _refuse_what_came_back(resolved: Sequence[Any]) -> None:
    """Of a group only its newest item is ever open."""
    newest = Item.objects.current_of(item.group_id for item in resolved)
    for item in resolved:
        later = newest[item.group_id]
        if later.pk != item.pk:
            when = f"{later.opened_at:%-d %B %Y}"
            raise ValueError(f"This failure came back on {when}: decide on the newer item instead.")


def _each(change: Change) -> Callable[[Sequence[Any]], Iterable[tuple[Any, Change]]]:
    return lambda held: ((item, change) for item in held)


def _noted(held: Sequence[Any], actor: Actor, text: str) -> Iterator[tuple[Any, Change]]:
    """A note on each, unless it is what the same person wrote there last: a form that was sent twice."""
    newest = Decision.objects.newest_of(item.pk for item in held)
    for item in held:
        last = newest.get(item.pk)
        if last is None or (last.text, last.who) != (text, clean(actor.who, NAME)):
            yield item, Change(what=Decision.What.NOTE, text=text, always=True)


def _tell_owner(user: Any, actor: Actor, made: list[Any]) -> None:
    """One message, however many items became theirs at once."""
    if made:
        item = made[0].item
        said = {"who": actor.who, "due": item.due.isoformat() if item.due else "", "item": item.pk, "count": len(made)}
        data = of_group(item.group, None) | said
        tell_person(item.project_id, user.pk, "assigned", f"decision:{made[0].pk}", data)


def _checked_due(due: date) -> date:
    day = due.date() if isinstance(due, datetime) else due
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"A due date lies between {FIRST_YEAR} and {LAST_YEAR}.")
    return day


def _checked_link(url: str) -> str:
    url = url.strip()
    if not url:
        return ""
    if len(url) > LINK:
        raise ValueError(f"A link has at most {LINK:,} characters.")
    if not url.isprintable() or " " in url or clean(url) != url:
        raise ValueError("A link holds no spaces and no control characters.")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("This is no address of a web page.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("A link to a ticket begins with https:// or http://.")
    if "@" in parts.netloc:  # it would go into minutes, messages and exports
        raise ValueError("A link to a ticket holds no name and no password.")
    return url
