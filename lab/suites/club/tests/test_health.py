def test_the_club_is_open(call):
    assert call("GET", "/health").status_code == 200
