"""The HTTP client that the parcel tests share; HTTP_CLIENT says how it connects and what it tells of itself."""

import logging
import secrets
import uuid

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.util import Retry

LOG = logging.getLogger("courier")


class Courier:
    """Sends each request on a new connection and logs what came back."""

    def __init__(self, base_url):
        self.base_url = base_url

    def headers(self):
        return {}

    def send(self, method, path, headers, **options):
        return requests.request(method, self.base_url + path, headers=headers, timeout=5, **options)

    def tell(self, method, path, headers, response):
        LOG.info("%s %s: %s", method, path, response.status_code)

    def __call__(self, method, path, **options):
        headers = self.headers()
        response = self.send(method, path, headers, **options)
        self.tell(method, path, headers, response)
        return response

    def close(self):
        pass


class Session(Courier):
    """One connection that is kept alive."""

    retries = 0

    def __init__(self, base_url):
        super().__init__(base_url)
        self.session = requests.Session()
        self.session.mount("http://", HTTPAdapter(max_retries=self.retries))

    def send(self, method, path, headers, **options):
        return self.session.request(method, self.base_url + path, headers=headers, timeout=5, **options)

    def close(self):
        self.session.close()


class Patient(Session):
    """Tries again when the service is not ready."""

    retries = Retry(total=4, backoff_factor=0.02, status_forcelist=[503])

    def headers(self):
        return {"Connection": "close"}


class RequestId(Courier):
    """Gives every request an id and logs it."""

    def headers(self):
        return {"X-Request-ID": str(uuid.uuid4())}

    def tell(self, method, path, headers, response):
        LOG.info("%s %s -> %s, X-Request-ID: %s", method, path, response.status_code, headers["X-Request-ID"])


class Traced(Courier):
    """Takes part in a distributed trace."""

    def headers(self):
        return {"traceparent": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"}

    def tell(self, method, path, headers, response):
        LOG.info("%s %s -> %s traceparent: %s", method, path, response.status_code, headers["traceparent"])


class Ports(Session):
    """Tells from which local port a connection was made, as a network debugger would."""

    def __init__(self, base_url):
        super().__init__(base_url)
        self.session.get_adapter("http://").poolmanager.pool_classes_by_scheme = {"http": TellingPool}


class TellingPool(HTTPConnectionPool):
    """Logs the local port of each request."""

    def _make_request(self, conn, method, url, **options):
        response = super()._make_request(conn, method, url, **options)
        if conn.sock is not None:
            host, port = conn.sock.getsockname()[:2]
            LOG.info("%s:%d %s %s %s", host, port, method, url, response.status)
        return response


CLIENTS = {
    "fresh": Courier,
    "session": Session,
    "patient": Patient,
    "request-id": RequestId,
    "trace": Traced,
    "ports": Ports,
}
