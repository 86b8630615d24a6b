"""What unittest prints, as the tests feed it."""

SAMPLES = (
    "test_add (test_shop.Shop.test_add) ... ok\n"
    "test_total (test_shop.Shop.test_total) ... FAIL\n"
    "\n"
    "======================================================================\n"
    "FAIL: test_total (test_shop.Shop.test_total)\n"
    "----------------------------------------------------------------------\n"
    "Traceback (most recent call last):\n"
    '  File "/srv/app/test_shop.py", line 9, in test_total\n'
    "    self.assertEqual(total, 2)\n"
    "AssertionError: 1 != 2\n"
    "\n"
    "----------------------------------------------------------------------\n"
    "Ran 2 tests in 0.004s\n"
    "\n"
    "FAILED (failures=1)\n",
    "..\n----------------------------------------------------------------------\nRan 2 tests in 0.004s\n\nOK\n",
)
