"""What small logs, of which one sees it by eye, determine of who served each request."""

from __future__ import annotations

from typing import Any

from lab.determined import fates, in_order
from triage.core.records import SECOND, Entry, PartRecords, PidTrust, Request, RunEvidence, Side, Stamp, Step

DAY = 1_795_406_400  # 2026-11-23T04:00:00Z
TEST = "tests/test_shop.py::test_cart"


class Run:
    """Requests that follow one another a tenth of a second apart, and what each side's log says of them."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.served: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []
        self.steps: list[Step] = []
        self.entries: list[Entry] = []
        self.now = float(DAY)

    def asked(
        self,
        method: str,
        path: str,
        pid: int,
        *,
        status: int = 200,
        size: int | None = None,
        test: str = TEST,
        client: str = "",
        server: str = "access",
        trace: str = "",
        thing: str = "",
        query: str = "",
    ) -> None:
        """`client`: the tester's words instead of urllib3's; "-" for no line. `server`: access, pidless, none."""
        self._serve(method, path, pid, status, size, server=server, ours=True, trace=trace, thing=thing, query=query)
        number = len(self.requests)
        self.requests.append(
            {
                "test": test,
                "phase": "call",
                "method": method,
                "path": path,
                "status": status,
                "pid": pid,
                "body": "",
                "sent": self.now,
                "received": self.now + 0.02,
                "handled": [],
                "served": len(self.served) - 1,
            }
        )
        if client != "-":
            told = (
                None if client else Request(method=method, path=path, query=query, status=status, size=size, ended=True)
            )
            text = f"{client} {thing}".strip() if client else f'http://shop "{method} {path} HTTP/1.1" {status} {size}'
            stamp = Stamp(round((self.now + 0.021) * 1000) * 1000, tick_us=1000)
            keys = (("trace", trace),) if trace else ()
            self.steps.append(
                Step(line=len(self.steps) + 1, raw=text, text=text, stamp=stamp, test=test, request=told, keys=keys)
            )
            line = {"test": test, "logger": "x", "message": text, "at": self.now + 0.021, "request": number}
            self.lines.append(line)
        self.now += 0.1

    def others(
        self,
        method: str,
        path: str,
        pid: int,
        *,
        status: int = 200,
        after_s: float = 0.0,
        thing: str = "",
        query: str = "",
    ) -> None:
        """A request of somebody else, beginning so much later than the test's next one."""
        self.now += after_s
        self._serve(method, path, pid, status, None, server="access", ours=False, thing=thing, query=query)
        self.now -= after_s

    def _serve(
        self,
        method: str,
        path: str,
        pid: int,
        status: int,
        size: int | None,
        *,
        server: str,
        ours: bool,
        trace: str = "",
        thing: str = "",
        query: str = "",
    ) -> None:
        begin, end = self.now + 0.005, self.now + 0.015
        self.served.append(
            {
                "pid": pid,
                "host": "web1",
                "method": method,
                "path": path,
                "status": status,
                "begin": begin,
                "end": end,
                "port": "1",
                "ours": ours,
            }
        )
        if server == "none":
            return
        told = Request(method=method, path=path, query=query, status=status, size=size, ended=True)
        known = server == "access"
        self.entries.append(
            Entry(
                line=len(self.entries) + 1,
                raw="",
                message=f'"{method} {path} HTTP/1.1" {status} {size} {thing}',
                stamp=Stamp(round((end + 0.001) * SECOND)),
                host="web1",
                pid=pid if known else None,
                pid_trust=PidTrust.PROVEN if known else PidTrust.UNKNOWN,
                request=told,
                keys=(("trace", trace),) if trace else (),
            )
        )

    def determined(self, *, stamps: bool = True, server_stamps: bool = True) -> list[bool]:
        truth = {
            "requests": self.requests,
            "served": sorted(self.served, key=lambda each: float(each["begin"])),
            "lines": self.lines,
        }
        for request in self.requests:
            request["served"] = truth["served"].index(self.served[request["served"]])
        steps = self.steps if stamps else [_unstamped(step) for step in self.steps]
        entries = self.entries if server_stamps else [_unstamped(entry) for entry in self.entries]
        evidence = RunEvidence(
            parts=(
                PartRecords(name="pytest.txt", side=Side.TESTS, steps=tuple(steps)),
                PartRecords(name="journal.txt", side=Side.SERVER, entries=tuple(entries)),
            )
        )
        return [fate.determined for fate in fates(evidence, truth)]


def _unstamped(record: Any) -> Any:
    return type(record)(**{name: getattr(record, name) for name in record.__struct_fields__ if name != "stamp"})


def test_a_request_with_one_partner_in_time_is_determined() -> None:
    run = Run()
    run.asked("GET", "/cart", 11)
    run.asked("GET", "/cart", 12)
    assert run.determined() == [True, True]


def test_the_same_request_of_another_client_at_the_same_time_leaves_it_open() -> None:
    run = Run()
    run.asked("GET", "/cart", 11)
    run.others("GET", "/cart", 12, after_s=0.001)
    run.asked("GET", "/cart", 11)
    assert run.determined() == [True, False]


def test_it_does_not_matter_who_of_two_on_the_same_process() -> None:
    run = Run()
    run.others("GET", "/cart", 11, after_s=0.001)
    run.asked("GET", "/cart", 11)
    assert run.determined() == [True]


def test_another_status_path_or_size_at_the_same_time_rules_a_partner_out() -> None:
    run = Run()
    run.others("GET", "/cart", 12, status=404, after_s=0.001)
    run.others("GET", "/users", 12, after_s=0.001)
    run.asked("GET", "/cart", 11)
    assert run.determined() == [True]


def test_a_log_without_processes_determines_nothing() -> None:
    run = Run()
    run.asked("GET", "/cart", 11, server="pidless")
    run.asked("GET", "/cart", 12)
    assert run.determined() == [False, True]


def test_a_request_that_the_server_did_not_log_is_not_determined() -> None:
    run = Run()
    run.asked("GET", "/cart", 11, server="none")
    run.asked("POST", "/cart", 12)
    assert run.determined() == [False, True]


def test_without_times_order_alone_decides_where_every_request_is_the_tests_own() -> None:
    run = Run()
    run.asked("POST", "/cart", 11)
    run.asked("GET", "/cart", 12)
    run.asked("POST", "/cart", 12)
    run.asked("GET", "/cart", 11)
    assert run.determined(stamps=False, server_stamps=False) == [True, True, True, True]


def test_without_times_one_request_more_than_the_test_told_leaves_its_kind_open() -> None:
    run = Run()
    run.asked("POST", "/cart", 11)
    run.asked("GET", "/cart", 12)
    run.others("GET", "/cart", 11)
    run.asked("DELETE", "/cart", 12)
    assert run.determined(stamps=False, server_stamps=False) == [True, False, True]


def test_an_exact_key_decides_between_two_that_are_otherwise_alike() -> None:
    run = Run()
    run.others("GET", "/cart", 12, after_s=0.001)
    run.asked("GET", "/cart", 11, trace="a1")
    run.asked("GET", "/cart", 12, trace="b2")
    assert run.determined()[1] is True
    run.asked("GET", "/cart", 13, trace="c3")
    assert run.determined(stamps=False)[2] is True


def test_who_made_another_thing_of_the_same_kind_is_ruled_out() -> None:
    run = Run()
    run.asked("GET", "/cart", 13)
    run.others("POST", "/cart", 12, after_s=0.001, thing="b0b0b0b0")
    run.asked("POST", "/cart", 11, client="added", thing="a1a1a1a1")
    assert run.determined() == [True, True]


def test_a_thing_that_each_side_names_once_decides_whatever_else_is_possible() -> None:
    run = Run()
    run.others("POST", "/cart", 12, after_s=0.001)
    run.asked("POST", "/cart", 11, client="added", thing="a1a1a1a1")
    run.others("POST", "/cart", 12, after_s=0.001)
    assert run.determined(stamps=False, server_stamps=False) == [True]


def test_a_thing_decides_between_requests_of_one_kind_though_others_name_it_too() -> None:
    run = Run()
    run.asked("POST", "/cart", 11, thing="a1a1a1a1", client="POST /cart: 200,")
    run.asked("GET", "/cart/a1a1a1a1", 12)
    run.others("POST", "/cart", 12, after_s=0.001)
    run.asked("POST", "/cart", 11, client="added", thing="b2b2b2b2")
    assert run.determined()[2:] == [True]


def test_a_query_that_one_line_has_and_the_other_has_not_rules_a_partner_out() -> None:
    run = Run()
    run.asked("GET", "/cart", 11, query="of=anna")
    run.others("GET", "/cart", 12, after_s=0.001)
    run.asked("GET", "/cart", 11, query="of=bert")
    assert run.determined() == [True, True]


def test_where_one_side_tells_no_queries_they_rule_nobody_out() -> None:
    run = Run()
    run.asked("GET", "/cart", 11)
    run.others("GET", "/cart", 12, after_s=0.001, query="of=anna")
    run.asked("GET", "/cart", 11)
    assert run.determined() == [True, False]


def test_a_testers_own_words_are_told_apart_by_the_verb() -> None:
    run = Run()
    run.asked("POST", "/cart", 11, client="added a lamp")
    run.asked("GET", "/cart", 12, client="fetched the cart")
    assert run.determined() == [True, True]


def test_a_request_of_which_the_tests_log_says_nothing_is_not_told() -> None:
    run = Run()
    run.asked("POST", "/cart", 11, client="-")
    run.asked("GET", "/cart", 12)
    assert run.determined() == [False, True]


def test_an_unlogged_request_like_the_one_before_leaves_open_which_of_them_was_logged() -> None:
    run = Run()
    run.asked("GET", "/cart", 11, client="-")
    run.asked("GET", "/cart", 12)
    assert run.determined() == [False, False]


def test_tests_side_by_side_are_told_apart_by_their_things() -> None:
    run = Run()
    run.asked("GET", "/items/aa11bb", 11, test="tests/test_shop.py::test_one")
    run.asked("GET", "/items/cc22dd", 12, test="tests/test_shop.py::test_two")
    run.requests[1]["sent"] = run.requests[0]["sent"] + 0.001
    assert run.determined(stamps=False, server_stamps=False) == [True, True]


def test_in_order_keeps_only_what_some_ascending_choice_uses() -> None:
    assert in_order([[0, 3], [1, 2], [2]]) == [[0], [1], [2]]
    assert in_order([[0, 1], [1, 2]]) == [[0, 1], [1, 2]]
    assert in_order([[0, 2], [1, 4]], [2, 1]) == [[0, 2], [4]]


def test_in_order_leaves_rows_alone_that_allow_no_choice() -> None:
    assert in_order([[5], [1]]) == [[5], [1]]
