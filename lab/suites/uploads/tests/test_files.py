import logging
import os
import time

import requests

URL = os.environ["BASE_URL"]
LOG = logging.getLogger("files")


def upload(name, content):
    response = requests.put(f"{URL}/files/{name}", data=content, timeout=5)
    LOG.info("uploaded %s: %s", name, response.status_code)
    assert response.status_code == 201
    time.sleep(0.04)


def download(name):
    response = requests.get(f"{URL}/files/{name}", timeout=5)
    LOG.info("downloaded %s: %s", name, response.status_code)
    return response


def test_limits_are_told():
    assert requests.get(URL + "/limits", timeout=5).json()["largest"] == 1_000_000


def test_unknown_file_is_404():
    assert download("nothing.txt").status_code == 404


def test_uploaded_file_can_be_downloaded():
    upload("invoice-4711.txt", b"total 12.50")
    response = download("invoice-4711.txt")
    assert response.status_code == 200, "the uploaded file is gone"
    assert response.content == b"total 12.50"


def test_download_after_a_look_at_the_limits():
    upload("photo-0815.jpg", b"\xff\xd8\xff" * 50)
    assert requests.get(URL + "/limits", timeout=5).status_code == 200
    assert download("photo-0815.jpg").status_code == 200, "the uploaded file is gone"


def test_uploaded_file_is_listed():
    upload("contract-2026.pdf", b"%PDF-1.7")
    assert "contract-2026.pdf" in requests.get(URL + "/files", timeout=5).json()["files"]


def test_deleted_file_is_gone():
    upload("scratch-0001.txt", b"x")
    assert requests.delete(URL + "/files/scratch-0001.txt", timeout=5).status_code == 204
    assert download("scratch-0001.txt").status_code == 404
