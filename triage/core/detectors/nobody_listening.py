"""The process that took the message says that nobody listened there, while the listener was on another one.

Catches: WebSocket rooms, event streams and channel layers that each process keeps for itself.
Evidence needed: the listener's connection on one process, the message on another, and that one's line with its count.
Looks the same but is not: no listener at all yet, or one that had already left, on the very process of the message.
Example: GET /ws/rooms/kitchen on granian[31304]; granian[31302]: “message in room kitchen sent to 0 listeners”.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from triage.core.case import Case
from triage.core.court import Court, Finding
from triage.core.findings import Mechanism, VerdictKind
from triage.core.quoting import said

# matches `sent to 0 listeners`, `delivered to no clients`; must not match `10 listeners`
_NOBODY = re.compile(
    r"(?i)\b(?:(?<![\d.])0|no|zero) "
    r"(?:listener|subscriber|client|receiver|recipient|consumer|connection|socket|websocket|member)s?\b"
)


def detect(case: Case, court: Court) -> Iterator[Finding]:
    read, write = case.read, case.write
    if case.relation != "broadcast" or read is None or write is None:
        return
    listener, sender = court.process(read), court.process(write)
    if listener is None or sender is None or listener.index == sender.index:
        return
    told = next((line for line in write.lines.splitlines() if _NOBODY.search(line)), "")
    if told:
        yield Finding(
            of=VerdictKind.SPLIT_STATE,
            kind="nobody_listening_there",
            text=(
                f"{court.name(sender)} found nobody to tell, while {court.name(listener)} had the listener: "
                f"{said(told, 70)}."
            ),
            lines=court.lines(write, read),
            mechanism=Mechanism.BROADCAST,
            contrast=True,
        )
