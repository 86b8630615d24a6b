"""API example test: add a car, fetch the cars, compare the count."""

import os
import time

import requests
from base_logging import BaseLogging

URL = os.environ["BASE_URL"]
LOG = BaseLogging("test_api_example")


def get_car_count():
    return len(requests.get(URL + "/cars", timeout=5).json()["cars_list"])


def test_api_example():
    LOG.write("Starting API test against " + URL)
    try:
        initial = get_car_count()
        time.sleep(0.4)
        car = {"name": "figo", "brand": "ford", "price_range": "5-8 lacs", "car_type": "hatchback"}
        response = requests.post(URL + "/cars/add", json=car, timeout=5)
        LOG.log_result(
            response.status_code == 200,
            f"Successfully added new car with details {car}",
            f"Failed to add new car with details {car}",
        )
        time.sleep(0.9)
        response = requests.get(URL + "/cars", timeout=5)
        LOG.conditional_write(response.status_code == 200, "Successfully fetched cars", "Could not fetch cars")
        time.sleep(0.3)
        count = len(response.json()["cars_list"])
        LOG.log_result(
            count == initial + 1,
            f"Total car count matches expected count {count}",
            "Total car count doesnt match expected count",
        )
        assert count == initial + 1
    except Exception:
        LOG.write("Exception when trying to run test:" + __file__, level="WARNING", module="test_api_example")
        raise
    finally:
        requests.delete(URL + "/cars/remove/figo", timeout=5)
