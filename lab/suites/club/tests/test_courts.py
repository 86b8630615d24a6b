def book(call, member, court, at="2026-03-01T18:00:00+00:00"):
    response = call("POST", "/bookings", json={"member": member, "court": court, "at": at})
    assert response.status_code == 201
    return response.json()["id"]


def total(call, member):
    return call("GET", f"/bookings?member={member}").json()["total"]


def test_booking_is_counted(call):
    book(call, "dana", 1)
    assert total(call, "dana") == 1


def test_two_bookings_are_counted(call):
    book(call, "egon", 1)
    book(call, "egon", 2)
    assert total(call, "egon") == 2


def test_new_member_has_no_booking(call):
    assert total(call, "dana") == 0, "there are bookings already"


def test_second_booking_of_the_season(call):
    """Counts on the booking that the test of the season's opening made."""
    book(call, "frida", 3)
    assert total(call, "frida") == 2, "the first booking is missing"
