"""What a parcel service does, whatever framework serves it. `STORE` and `BUG` choose what is wrong, if anything."""

import itertools
import os
import uuid

from parcel_log import log
from shared_store import store

PARCELS = store("parcels")
BUG = os.environ.get("BUG", "")
WARM_UP = os.environ.get("WARM_UP") == "1"  # each process refuses its first quote, while it loads its tables
STATIONS = {"berlin": 12, "lyon": 7, "porto": 3}
QUOTES = itertools.count(1)


class Refused(Exception):
    """The request is not served: (status, reason)."""


def add(body):
    weight = body.get("weight", 1.0)
    if not isinstance(weight, (int, float)):
        log.warning("parcel refused: weight %r", weight)
        raise Refused(422, "weight is not a number")
    parcel = {"id": uuid.uuid4().hex[:10], "sender": body.get("sender", "walk-in"), "weight": weight}
    PARCELS.put(parcel["id"], parcel)
    log.info("parcel %s stored for %s", parcel["id"], parcel["sender"])
    return parcel


def find(key):
    parcel = PARCELS.get(key)
    if parcel is None:
        log.info("parcel %s is unknown", key)
        raise Refused(404, "no such parcel")
    log.info("parcel %s looked up", key)
    return parcel


def change(key, body):
    parcel = find(key) | body
    if BUG == "weight":
        parcel["weight"] = int(parcel["weight"])
    PARCELS.put(key, parcel)
    log.info("parcel %s weighed again", key)
    return parcel


def remove(key):
    if not PARCELS.delete(key):
        log.info("parcel %s is unknown", key)
        raise Refused(404, "no such parcel")
    log.info("parcel %s cancelled", key)


def of_sender(sender):
    parcels = [parcel for parcel in PARCELS.all() if sender in (None, parcel["sender"])]
    if BUG == "page":
        parcels = parcels[:1]
    log.info("%d parcels listed", len(parcels))
    return parcels[-50:]


def station(name):
    if name not in STATIONS:
        raise Refused(404, "no such station")
    log.info("station %s has %d gates", name, STATIONS[name])
    return {"name": name, "gates": STATIONS[name]}


def quote(weight):
    if WARM_UP and next(QUOTES) == 1:
        log.warning("price tables are not loaded yet")
        raise Refused(503, "warming up")
    log.info("quote for %s kg", weight)
    return {"price": 3 + 2 * weight}
