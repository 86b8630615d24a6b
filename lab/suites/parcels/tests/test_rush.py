from concurrent.futures import ThreadPoolExecutor


def test_many_counters_at_once(http, hand_in):
    with ThreadPoolExecutor(6) as pool:
        keys = list(pool.map(lambda number: hand_in(number, "rush"), range(8)))
        answers = list(pool.map(lambda key: http("GET", f"/parcels/{key}").status_code, keys))
    assert len(set(keys)) == 8
    assert answers == [200] * 8, f"some parcels are missing: {answers}"


def test_stations_at_once(http):
    with ThreadPoolExecutor(4) as pool:
        gates = pool.map(lambda name: http("GET", f"/stations/{name}").json()["gates"], ["berlin", "lyon", "porto"])
    assert sum(gates) == 22


def test_one_after_the_other(http, hand_in):
    key = hand_in(9.0, "slow")
    assert http("GET", f"/parcels/{key}").status_code == 200, f"parcel {key} not found"
