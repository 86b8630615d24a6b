"""Literal excerpts of pytest 9.2 runs, each recognised and parsed by the tests."""

from __future__ import annotations

QUIET = """\
F.                                                                       [100%]
=================================== FAILURES ===================================
_______________________________ test_get_missing _______________________________

base = 'http://127.0.0.1:5055'

    def test_get_missing(base):
        r = requests.get(f"{base}/cars/none")
>       assert r.status_code == 200
E       assert 404 == 200
E        +  where 404 = <Response [404]>.status_code

tests/api/test_cars.py:17: AssertionError
------------------------------ Captured log call -------------------------------
DEBUG    urllib3.connectionpool:connectionpool.py:247 Starting new HTTP connection (1): 127.0.0.1:5055
DEBUG    urllib3.connectionpool:connectionpool.py:550 http://127.0.0.1:5055 "GET /cars/none HTTP/1.1" 404 24
=========================== short test summary info ============================
FAILED tests/api/test_cars.py::test_get_missing - assert 404 == 200
1 failed, 1 passed in 0.26s
"""

DISTRIBUTED = """\
============================= test session starts ==============================
platform linux -- Python 3.11.7, pytest-9.2.0, pluggy-1.7.0 -- /usr/bin/python3
rootdir: /home/ci/suite
plugins: xdist-3.8.0
created: 2/2 workers
2 workers [2 items]

scheduling tests via LoadScheduling

tests/unit/test_cars.py::test_add_car 
tests/unit/test_cars.py::test_fine 
[gw0] [ 50%] FAILED tests/unit/test_cars.py::test_add_car 
[gw1] [100%] PASSED tests/unit/test_cars.py::test_fine 

=================================== FAILURES ===================================
_________________________________ test_add_car _________________________________
[gw0] linux -- Python 3.11.7 /usr/bin/python3

    def test_add_car():
>       assert [1, 2, 3] == [1, 2, 4]
E       assert [1, 2, 3] == [1, 2, 4]

tests/unit/test_cars.py:2: AssertionError
=========================== short test summary info ============================
FAILED tests/unit/test_cars.py::test_add_car - assert [1, 2, 3] == [1, 2, 4]
========================= 1 failed, 1 passed in 1.18s ==========================
"""  # noqa: W291

SAMPLES = (QUIET, DISTRIBUTED)
