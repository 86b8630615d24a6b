"""Of which requests the uploaded logs determine the process, worked out from the truth and without Lineup's lineup.

A served request is a possible partner of a test's request where nothing that the logs say contradicts it. Of one chain
of requests, all pairings that keep the order are possible; what is the same in all of them is determined; the rules
are in docs/lab.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence, Set
from dataclasses import dataclass

from lab.pairs import Truth, chains
from lab.told import FOREVER, NEVER, Told, client_side
from lab.told_by_servers import Served, served_of, server_side
from triage.core.records import RunEvidence

EARLY_US = 5_000  # by which a line may seem to be older than it is
LAG_US = (5_000, 300_000)  # what a line may come later than the answer: at least, at most
USUAL = 0.95  # of the run's own lines come that soon
RARE = 0.25  # share of the served requests that may say a word which still tells something
ROUNDS = 12  # in which what is known of one request narrows the others
NEVER_COMPARED = frozenset({"client_port"})
# What a tester's own verb says of the method; a word that several methods may mean tells nothing.
VERBS = {
    "GET": "get fetch fetched read shown list listed found",
    "POST": "post posted add added create created sent submitted login logged",
    "PUT": "put update updated change changed set replaced written",
    "PATCH": "patch patched update updated change changed set",
    "DELETE": "delete deleted remove removed emptied cleared",
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What can be known of who served one request of a test."""

    told: bool  # the tests' logs have a line on it
    pid: int | None  # the true process
    possible: int = 0  # served requests that it may have been
    determined: bool = False


def fates(evidence: RunEvidence, truth: Truth) -> list[Fate]:
    """One for each of truth's requests."""
    client, served = client_side(evidence, truth), served_of(truth)
    server = server_side(evidence, served)
    partners = _partners(truth, served)
    pairs = [(client[n], server[p]) for n, p in enumerate(partners) if p is not None and client[n].lines]
    rules = _Rules(pairs, server, _lag(client, server, served, partners))
    links = chains(truth, evidence)
    by_chain: dict[str, list[int]] = defaultdict(list)
    rows: dict[int, list[int]] = {}
    for n, request in enumerate(truth["requests"]):
        place = partners[n]
        if place is None or not client[n].lines:
            continue
        rows[n] = rules.candidates(client[n], server, place, timed_out=request["status"] is None)
        chain = links[n]
        if chain is not None:
            by_chain[chain].append(n)
    alone = all(each["ours"] for each in served)
    whole = {request["test"] for request in truth["requests"]} - {
        request["test"] for n, request in enumerate(truth["requests"]) if n not in rows
    }
    tests = [request["test"] for request in truth["requests"]]
    blocks = {
        chain: _blocks(mine, tests, whole if alone and chain == "" else frozenset()) for chain, mine in by_chain.items()
    }
    for _ in range(ROUNDS):
        before = sum(map(len, rows.values()))
        for chain in blocks.values():
            _narrow(rows, chain)
        _taken_once(rows, every=alone and len(rows) == len(served))
        if sum(map(len, rows.values())) == before:
            break
    return [
        _fate(truth["requests"][n]["pid"], client[n], [server[p] for p in rows.get(n, ())])
        for n in range(len(partners))
    ]


def _partners(truth: Truth, served: Sequence[Served]) -> list[int | None]:
    if "served" in truth:
        return [request["served"] for request in truth["requests"]]
    places = iter(range(len(served)))
    return [next(places) if request["pid"] and request["handled"] else None for request in truth["requests"]]


def _fate(pid: int | None, client: Told, possible: Sequence[Told]) -> Fate:
    told = {one.pid for one in possible}
    return Fate(bool(client.lines), pid, len(possible), pid is not None and told == {pid})


def _blocks(chain: Sequence[int], tests: Sequence[str], whole: Container[str]) -> list[list[int]]:
    """The chain in pieces: a test in one piece where its requests must follow one another without a gap."""
    blocks: list[list[int]] = []
    for n in chain:
        if blocks and tests[n] in whole and tests[blocks[-1][-1]] == tests[n]:
            blocks[-1].append(n)
        else:
            blocks.append([n])
    return blocks


def _narrow(rows: dict[int, list[int]], blocks: Sequence[Sequence[int]]) -> None:
    """Leaves in each row of a chain what its order allows."""
    found = in_order([_joint([rows[n] for n in block]) for block in blocks], [len(block) for block in blocks])
    for block, starts in zip(blocks, found, strict=True):
        for nth, n in enumerate(block):
            rows[n] = [start + nth for start in starts]


def _taken_once(rows: dict[int, list[int]], *, every: bool) -> None:
    """A served request is of one request only; `every`: each of them is of some request, so who is left has it."""
    sole = {row[0]: n for n, row in rows.items() if len(row) == 1}
    if every:
        takers: dict[int, list[int]] = defaultdict(list)
        for n, row in rows.items():
            for place in row:
                takers[place].append(n)
        for place, mine in takers.items():
            if len(mine) == 1:
                sole[place] = mine[0]
                rows[mine[0]] = [place]
    for n, row in rows.items():
        if len(row) > 1:
            rows[n] = [place for place in row if sole.get(place, n) == n]


def _joint(rows: Sequence[Sequence[int]]) -> list[int]:
    """Where a test can begin whose log names all of its requests, on a server that nobody else asks: they follow one
    another without a gap."""
    sets = [set(row) for row in rows[1:]]
    return [start for start in rows[0] if all(start + nth in row for nth, row in enumerate(sets, start=1))]


def in_order(rows: Sequence[Sequence[int]], lengths: Sequence[int] | None = None) -> list[list[int]]:
    """Of each ascending row, the places that a choice of one from every row, each behind the last, can have.

    `lengths`: how many places each choice takes. Every row keeps all of its places where there is no such choice.
    """
    lengths = lengths or [1] * len(rows)
    lows, highs = [-1] * len(rows), [1 << 62] * len(rows)
    for i, row in enumerate(rows):
        free = lows[i - 1] + lengths[i - 1] if i else -1
        lows[i] = next((place for place in row if place >= free), 1 << 62)
    for i in range(len(rows) - 1, -1, -1):
        limit = highs[i + 1] if i + 1 < len(rows) else 1 << 62
        highs[i] = next((place for place in reversed(rows[i]) if place + lengths[i] <= limit), -1)
    found = [[place for place in row if lows[i] <= place <= highs[i]] for i, row in enumerate(rows)]
    return found if all(found) else [list(row) for row in rows]


def _lag(
    client: Sequence[Told], server: Sequence[Told], served: Sequence[Served], partners: Sequence[int | None]
) -> int:
    """How much later than the answer nearly all lines of this run came."""
    late = sorted(
        server[place].last_us - round(served[place]["end"] * 1e6)
        for n, place in enumerate(partners)
        if place is not None and client[n].lines and server[place].last_us != NEVER and served[place]["end"]
    )
    usual = late[min(int(len(late) * USUAL), len(late) - 1)] if late else 0
    return min(max(usual, LAG_US[0]), LAG_US[1])


class _Rules:
    """What contradicts what, as far as the two sides of this run speak of the same things in the same words."""

    def __init__(self, pairs: Sequence[tuple[Told, Told]], server: Sequence[Told], lag_us: int) -> None:
        self._lag = lag_us
        self._values = _comparable([(c.values, s.values) for c, s in pairs])
        self._keys = _comparable([(c.keys, s.keys) for c, s in pairs]) - NEVER_COMPARED
        ours = {found for client, _ in pairs for found in client.ids}
        self._ids = ours & {found for one in server for found in one.ids}
        shapes = {_shape(found) for found in self._ids}
        self._shapes = {shape for shape in shapes if all(self._same_things(c, s, {shape}) for c, s in pairs)}
        self._exact = _exact(pairs, server)
        self._of_kind = _of_kind(pairs, server)
        self._queries = _tell_queries(pairs)
        self._rare = _rare(server) & _rare([client for client, _ in pairs])

    def candidates(self, client: Told, server: Sequence[Told], true: int, *, timed_out: bool) -> list[int]:
        """Places in `server` that nothing rules out, ascending; the true one is always among them."""
        named = {self._exact[found] for found in client.ids if found in self._exact}
        named |= {self._of_kind[key] for key in _kinds(client) if key in self._of_kind}
        if named:
            return sorted({*named, true})
        found = [
            place
            for place, one in enumerate(server)
            if place == true or (self._in_time(client, one, timed_out=timed_out) and self._agree(client, one))
        ]
        if client.prose:
            shared = {
                place: len(client.words & server[place].words & self._rare) + len(client.ids & server[place].ids)
                for place in found
            }
            most = max(shared.values())
            found = [place for place in found if place == true or shared[place] == most]
        return found

    def _in_time(self, client: Told, one: Told, *, timed_out: bool) -> bool:
        if one.low_us == NEVER:
            return True
        if one.high_us < client.low_us - EARLY_US or one.low_us > client.high_us + self._lag:
            return False
        return timed_out or client.high_us == FOREVER or one.last_us <= client.high_us + self._lag

    def _agree(self, client: Told, one: Told) -> bool:
        for name in self._keys:
            mine, theirs = client.keys.get(name), one.keys.get(name)
            if mine and theirs and mine.isdisjoint(theirs):
                return False
        for name in self._values:
            said, heard = client.values.get(name), one.values.get(name)
            if said and heard and said.isdisjoint(heard):
                return False
        named = one.lines and client.values.get("path") and one.values.get("path")
        if self._queries and named and bool(client.values.get("query")) != bool(one.values.get("query")):
            return False
        theirs = one.ids & self._ids
        if theirs and theirs.isdisjoint(client.ids & self._ids or client.around):
            return False
        if not self._same_things(client, one, self._shapes):
            return False
        mine, theirs = client.words & self._rare, one.words & self._rare
        if mine and theirs and mine.isdisjoint(theirs):
            return False
        return not client.prose or _verb_fits(client, one)

    def _same_things(self, client: Told, one: Told, shapes: Set[str]) -> bool:
        """Whether they may be about the same thing, where both name one of a kind that both sides' logs name."""
        mine = client.ids & self._ids or client.around & self._ids
        for shape in {_shape(found) for found in mine} & shapes:
            theirs = {found for found in one.ids if _shape(found) == shape}
            if theirs and mine.isdisjoint(theirs):
                return False
        return True


def _shape(thing: str) -> str:
    """Identifiers of one kind are of one length and of the same letters."""
    return f"{len(thing)} {'digits' if thing.isdigit() else 'hexadecimal'} {thing.count('-')}"


def _exact(pairs: Sequence[tuple[Told, Told]], server: Sequence[Told]) -> dict[str, int]:
    """Identifiers that one request of the tests has alone and one served request has alone, and the latter's place.

    Those of a kind that ever lead to another than the true partner are left out.
    """
    here = Counter(found for client, _ in pairs for found in client.ids)
    there: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(server):
        for found in one.ids:
            there[found].append(place)
    sole = {found: places[0] for found, places in there.items() if len(places) == 1 and here[found] == 1}
    wrong = {_shape(f) for client, one in pairs for f in client.ids if f in sole and server[sole[f]] is not one}
    return {found: place for found, place in sole.items() if _shape(found) not in wrong}


def _kinds(one: Told) -> Iterable[tuple[str, str, str]]:
    """Each identifier that it speaks of, with its method and path."""
    methods, paths = one.values.get("method", set()), one.values.get("path", set())
    if len(methods) == len(paths) == 1:
        for found in one.ids:
            yield found, str(*methods), str(*paths)


def _of_kind(pairs: Sequence[tuple[Told, Told]], server: Sequence[Told]) -> dict[tuple[str, str, str], int]:
    """Identifiers that of all served requests of one method and path a single one speaks of, and its place.

    Those of a form that ever leads to another than the true partner are left out.
    """
    there: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for place, one in enumerate(server):
        for key in _kinds(one):
            there[key].append(place)
    sole = {key: places[0] for key, places in there.items() if len(places) == 1}
    wrong = {
        _shape(key[0])
        for client, one in pairs
        for key in _kinds(client)
        if key in sole and server[sole[key]] is not one
    }
    return {key: place for key, place in sole.items() if _shape(key[0]) not in wrong}


def _tell_queries(pairs: Sequence[tuple[Told, Told]]) -> bool:
    """Whether both sides write the query down wherever there is one."""
    told = [
        (bool(client.values.get("query")), bool(one.values.get("query")))
        for client, one in pairs
        if one.lines and client.values.get("path") and one.values.get("path")
    ]
    return any(client for client, _ in told) and all(client == one for client, one in told)


def _rare(told: Sequence[Told]) -> set[str]:
    said = Counter(word for one in told for word in one.words)
    return {word for word, count in said.items() if count <= max(RARE * len(told), 1)}


def _comparable(pairs: Sequence[tuple[dict[str, set[object]], dict[str, set[object]]]]) -> frozenset[str]:
    """What true pairs never contradict each other in; a size with headers and one without are two things."""
    both: dict[str, bool] = {}
    for client, server in pairs:
        for name, said in client.items():
            if said and server.get(name):
                both[name] = both.get(name, True) and not said.isdisjoint(server[name])
    return frozenset(name for name, fits in both.items() if fits)


def _verb_fits(client: Told, one: Told) -> bool:
    methods = {method for method, verbs in VERBS.items() if client.words & set(verbs.split())}
    told = one.values.get("method")
    return not methods or not told or not methods.isdisjoint(told)
