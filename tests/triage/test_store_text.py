"""Texts as the database and an address can carry them."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from triage.store.text import ID_IN_AN_ADDRESS, node_id


def test_an_ordinary_node_id_stays_as_it_is():
    assert node_id("tests/test_cars.py::test_add[größe-1]") == "tests/test_cars.py::test_add[größe-1]"


@pytest.mark.parametrize("char", ["a", "[", "日", "😀", "\0", "\ud800"])
@pytest.mark.parametrize("length", [3_000, 3_901, 60_000])
def test_a_long_node_id_fits_an_address_and_stays_apart_from_its_like(char: str, length: int):
    one, other = node_id(char * length + "1"), node_id(char * length + "2")
    assert one != other
    assert max(len(quote(one)), len(quote(other))) <= ID_IN_AN_ADDRESS
    assert len(one) <= 4_000
