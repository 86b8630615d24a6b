"""The bank behind ledger_app: a small line protocol over TLS, in a process of its own that no worker waits for."""

import contextlib
import json
import os
import socket
import ssl
import sys
import threading

BALANCES = {}
LOCK = threading.Lock()


def context(side):
    """TLS without certificates, so that no key has to lie about: only the records matter here."""
    made = ssl.SSLContext(side)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers("AECDH-AES256-SHA:@SECLEVEL=0")
    return made


def answer(question):
    with LOCK:
        account = question["account"]
        BALANCES[account] = BALANCES.get(account, 0) + question.get("amount", 0)
        return {"account": account, "balance": BALANCES[account]}


def attend(connection):
    with (
        contextlib.suppress(OSError),
        context(ssl.PROTOCOL_TLS_SERVER).wrap_socket(connection, server_side=True) as tls,
    ):
        lines = tls.makefile("rw")
        for line in lines:
            lines.write(json.dumps(answer(json.loads(line))) + "\n")
            lines.flush()


def main(path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    if os.fork():  # the caller waits for this process only: the port is open now
        return
    listener.settimeout(1)
    while os.path.exists(f"/proc/{os.getpgrp()}"):  # noqa: PTH110 - as long as the server that asked for it
        with contextlib.suppress(TimeoutError):
            connection, _ = listener.accept()
            connection.setblocking(True)
            threading.Thread(target=attend, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1])
