import logging
import os
import time

import pytest
import requests

LOG = logging.getLogger("portal")


class Portal:
    """A visitor: cookies are kept, connections are not."""

    def __init__(self):
        self.session = requests.Session()
        self.session.headers["Connection"] = "close"

    def call(self, method, path, expect=None, **options):
        response = self.session.request(method, os.environ["BASE_URL"] + path, timeout=5, **options)
        LOG.info("%s %s -> %s", method, path, response.status_code)
        if expect:
            assert response.status_code == expect, response.text
        time.sleep(0.03)
        return response


@pytest.fixture
def portal():
    portal = Portal()
    yield portal
    portal.session.close()
