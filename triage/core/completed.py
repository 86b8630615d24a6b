"""Served requests told by both sides: what the server's lines leave out, the step that is surely tied to them says."""

from __future__ import annotations

import msgspec

from triage.core.findings import Served
from triage.core.lineup import Scene
from triage.core.records import Request

SURE = 0.9  # a step that is tied less surely may be another request's


def complete(scene: Scene) -> Scene:
    """The same scene; an application's own line such as `parcel 199a415661 is unknown` is then a GET with its 404."""
    told: dict[int, Request] = {}
    for step in scene.lineup.steps:
        if step.request is not None and step.request.path is not None and step.matches:
            best = step.matches[0]
            if best.confidence >= SURE:
                told.setdefault(best.served, step.request)
    if not told:
        return scene
    served = tuple(
        _joined(each, told[each.index]) if each.index in told and _lacks(each) else each for each in scene.lineup.served
    )
    lineup = msgspec.structs.replace(scene.lineup, served=served)
    return msgspec.structs.replace(scene, lineup=lineup)


def _lacks(served: Served) -> bool:
    request = served.request
    return request is None or None in (request.method, request.path, request.status, request.size)


def _joined(served: Served, step: Request) -> Served:
    """The server's word counts where both sides have one."""
    known = served.request or Request()
    request = msgspec.structs.replace(
        known,
        method=known.method or step.method,
        path=known.path or step.path,
        query=known.query if known.path is not None else step.query,
        status=known.status if known.status is not None else step.status,
        size=known.size if known.size is not None else step.size,
    )
    return msgspec.structs.replace(served, request=request)
