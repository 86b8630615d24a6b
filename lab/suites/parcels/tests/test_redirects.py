import time


def test_tracking_leads_to_the_parcel(http, hand_in):
    key = hand_in(3.0, "carla")
    time.sleep(0.04)
    response = http("GET", f"/track/{key}")
    assert response.status_code == 200, f"tracking of {key} leads nowhere"
    assert response.json()["sender"] == "carla"


def test_label_is_printed(http, hand_in):
    key = hand_in(6.5, "dora")
    time.sleep(0.04)
    response = http("POST", f"/parcels/{key}/label")
    assert response.status_code == 200, f"no label for {key}"
    assert "dora 6.5 kg" in response.text


def test_tracking_of_an_unknown_parcel(http):
    assert http("GET", "/track/0000000000").status_code == 404
