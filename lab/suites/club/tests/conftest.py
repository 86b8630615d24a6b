import logging
import os
import time

import pytest
import requests

LOG = logging.getLogger("club")
URL = os.environ["BASE_URL"]


@pytest.fixture
def call():
    """Sends a request and logs what came back; a moment passes before the next one."""

    def call(method, path, **options):
        response = requests.request(method, URL + path, timeout=5, **options)
        LOG.info("%s %s -> %s", method, path, response.status_code)
        time.sleep(0.04)
        return response

    return call
