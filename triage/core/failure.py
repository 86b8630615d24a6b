"""What a failing test says went wrong: the kind of error, the status it got, and the words of its message."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from triage.core.findings import PlacedStep, TestCase

_LAST, _LINE = 4, 1_000  # lines of a test's log, and characters of each, that may tell of no answer
TAIL = 16_000  # characters at the end of a long representation that are looked at

# matches `E       requests.exceptions.ConnectionError: …`, `E   KeyError: 'name'`, `NameError: name …`
_ERROR = re.compile(
    r"(?m)^(?:E\s{1,12})?(?P<type>(?:[A-Za-z_][A-Za-z0-9_]{0,60}\.){0,6}[A-Z][A-Za-z0-9_]{2,60}):? ?(?P<rest>.{0,300})"
)
# matches `assert 404 == 200`, `AssertionError: assert 3 == (3 + 1)`; must not match `assert response.ok`
_STATUS = re.compile(r"assert (?P<got>[1-5]\d\d) (?:==|!=|in|is) [(\[{]?(?P<want>[1-5]\d\d)\b")
# matches unittest's `AssertionError: 404 != 204`; must not match `AssertionError: 404 != 404.5`
_UNEQUAL = re.compile(r"AssertionError: (?P<got>[1-5]\d\d) != (?P<want>[1-5]\d\d)(?![\w.])")
_RESPONSE = re.compile(r"Response \[(?P<status>[1-5]\d\d)")
# matches `401 Client Error: Unauthorized for url`, `500 Server Error`, `status code 404`, `HTTP Error 502`,
# `Client error '404 Not Found'`, `404, message='Not Found'`, `expected 200, got 404`, `returned status=502`
_SAID_STATUS = re.compile(
    r"\b(?P<status>[45]\d\d) (?:Client|Server) Error|"
    r"(?:status(?:_| )?(?:code)?:?|HTTP Error|\bHTTP/1\.[01]) (?P<other>[45]\d\d)\b|"
    r"(?:\b(?:got|returned|answered|received)(?: with)?(?: status)?[ :=]{1,2}|\bstatus(?:_code)?=|\b[Ee]rror ')"
    r"(?P<third>[45]\d\d)\b|\b(?P<fourth>[45]\d\d), message="
)

_NO_ANSWER = re.compile(
    r"ConnectionRefused|Connection refused|ConnectionResetError|Connection reset|RemoteDisconnected|Remote end closed|"
    r"Connection aborted|BrokenPipe|NewConnectionError|Max retries exceeded|ConnectTimeout|ReadTimeout|Read timed out|"
    r"ConnectError|RemoteProtocolError|Server disconnected|ReadError|PoolTimeout|IncompleteRead|BadStatusLine|"
    r"Name or service not known|getaddrinfo failed|No route to host|ServerDisconnected|ClientConnectorError|"
    r"\bConnectionError\b|HTTPS?ConnectionPool|exceptions\.(?:ConnectionE|ConnectT|ReadT)|Connect call failed|"
    r"ECONNREFUSED|ECONNRESET|ETIMEDOUT|socket hang up|ERR_CONNECTION|ERR_TIMED_OUT|failed to connect to all|"
    r"\bunreachable\b|\bnot reachable\b|\bnot responding\b|did not come up|Service Unavailable|"
    r"Cannot connect to host|All connection attempts failed|urlopen error|ClientOSError|ServerTimeoutError|"
    r"TimeoutError: (?:The read operation )?timed out|socket\.timeout|WriteTimeout|Empty reply|Failed to connect|"
    r"requests\.exceptions\.Timeout|httpx\.TimeoutException|Connection timed out|EOF occurred|Operation timed out|"
    r"curl: \((?:6|7|28|35|52|56)\)|\b[Nn]o (?:answer|response) from|Bad Gateway|Gateway Time-?out"
)
_TEST_BROKE = re.compile(
    r"fixture '[^'\n]{1,80}' not found|\bNameError\b|\bModuleNotFoundError\b|\bImportError\b|\bSyntaxError\b|"
    r"\bIndentationError\b|\bFileNotFoundError\b|\bUnboundLocalError\b|\bRecursionError\b|\bNotImplementedError\b|"
    r"\bPermissionError\b|\bZeroDivisionError\b|\bScopeMismatch\b|\bUsageError\b|\bIsADirectoryError\b|"
    r"error: unrecognized|\bfixture [^\n]{1,80} called directly|\bUnicodeDecodeError\b|\bConfigError\b"
)
# Errors that come of a bad answer as often as of a bad test: an answer without the expected content raises them.
_SYMPTOM = re.compile(
    r"'NoneType' object|JSONDecodeError|\bKeyError\b|\bIndexError\b|list index out of range|string indices must be|"
    r"StopIteration|Expecting value|\bHTTPError\b|Client Error|ValidationError|not subscriptable"
)
_CODE_ERRORS = frozenset({"TypeError", "AttributeError", "ValueError", "OSError", "RuntimeError", "ArithmeticError"})
# matches both of `assert [200, 404, 404] ==`; must not match `4045`, `404.5`, `0x7f4290`
_CODES = re.compile(r"(?<![\w.:/-])[45]\d\d(?![\w.:/-])")
_WAITED = re.compile(
    r"TimeoutError|Timeout \(>|timed out waiting|no message|did not (?:receive|arrive)|queue\.Empty|Empty\b"
)


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """The error of one test, in the parts that detectors ask for."""

    text: str  # message and the end of the representation
    said: str  # the message and the error lines alone, without source code
    errors: tuple[str, ...] = ()  # types, the last raised last, without module
    asserts: bool = False  # an assertion on an answer, as opposed to an error
    got: int | None = None  # status that the test got
    want: int | None = None  # status that the test wanted
    no_answer: bool = False
    test_broke: bool = False
    code_error: bool = False  # TypeError and the like, not visibly caused by an answer
    symptom: bool = False  # an error that an answer without the expected content raises
    codes: frozenset[int] = frozenset()  # statuses of refusals that it names
    waited: bool = False  # it gave up waiting for something


def read_failure(test: TestCase) -> Failure:
    """Parse message and representation of a failing test; bounded, and never raises."""
    text = f"{test.message[-4_000:]}\n{test.detail[-TAIL:]}"
    last = _last_error(test)
    errors = tuple(match["type"].rsplit(".", 1)[-1] for match in _ERROR.finditer(text) if _is_error(match["type"]))
    final = last or "\n".join(text.splitlines()[-40:])
    got = want = None
    if found := _STATUS.search(text) or _UNEQUAL.search(text):
        got, want = int(found["got"]), int(found["want"])
    elif found := _SAID_STATUS.search(text):
        got = int(found["status"] or found["other"] or found["third"] or found["fourth"])
    elif found := _RESPONSE.search(text):
        got = int(found["status"])
    no_answer = _NO_ANSWER.search(final) is not None
    symptom = _SYMPTOM.search(final) is not None
    broke = not no_answer and _TEST_BROKE.search(final) is not None
    asserts = "assert" in final.lower() or "Failed: " in final
    kind = last.split(":", 1)[0].strip().rsplit(".", 1)[-1] if last else ""
    said = _said(test)
    return Failure(
        text=text,
        said=said,
        codes=frozenset(int(code) for code in _CODES.findall(said[:2_000])),
        errors=errors,
        asserts=asserts,
        got=got,
        want=want,
        no_answer=no_answer,
        test_broke=broke and not asserts,
        code_error=kind in _CODE_ERRORS and not symptom and not no_answer and not asserts,
        symptom=symptom,
        waited=_WAITED.search(final) is not None and not no_answer,
    )


def with_steps(failure: Failure, steps: Sequence[PlacedStep]) -> Failure:
    """The failure with an answer that never came, where the error does not say so and the test's last lines do."""
    if failure.no_answer or failure.test_broke or failure.code_error or failure.got is not None:
        return failure
    for step in reversed(steps[-_LAST:]):
        if step.request is not None and step.request.status is not None:
            break
        if _NO_ANSWER.search(step.text[:_LINE]):
            return msgspec.structs.replace(failure, no_answer=True, waited=False, said=f"{failure.said}\n{step.text}")
    return failure


def _is_error(name: str) -> bool:
    return name.endswith(("Error", "Exception", "Timeout", "Failed", "Disconnected", "Warning", "Exit", "Iteration"))


def _said(test: TestCase) -> str:
    lines = [line[1:].strip() for line in test.detail[-TAIL:].splitlines() if line.startswith("E ")]
    return "\n".join([test.message[-4_000:], *lines[-60:]])


def _last_error(test: TestCase) -> str:
    """The line that names the error which ended the test: the message, else the last `E   Type: …` line."""
    lines = [line[1:].strip() for line in test.detail[-TAIL:].splitlines() if line.startswith("E ")]
    named = [line for line in lines if (match := _ERROR.match(line)) is not None and _is_error(match["type"])]
    asserted = [line for line in lines if line.startswith("assert ")]
    message = test.message.strip()
    if named:
        return named[-1] + "\n" + message
    if asserted:
        return asserted[0] + "\n" + message
    return message
