"""As lab_pid, for apps that also accept WebSockets: whoever accepts one has served a request."""

import os

import lab_clock
import lab_pid


class Asgi(lab_pid.Asgi):
    """Wraps an ASGI application; the accepting handshake counts as a GET that is answered 101."""

    async def __call__(self, scope, receive, send):
        if scope["type"] != "websocket":
            await super().__call__(scope, receive, send)
            return
        headers = dict(scope["headers"])
        client = scope.get("client") or ("", 0)
        served = {
            "id": headers.get(b"x-lab-id", b"").decode() or None,
            "pid": os.getpid(),
            "n": next(lab_pid.COUNTER),
            "host": os.uname().nodename,
            "method": "GET",
            "path": scope["path"],
            "port": str(client[1]),
        }
        lab_pid._note(what="begin", at=lab_clock.now(), **served)

        async def answer(message):
            if message["type"] == "websocket.accept":
                lab_pid._note(what="end", at=lab_clock.now(), status=101, **served)
                pid = (b"x-lab-pid", str(os.getpid()).encode())
                message = {**message, "headers": [*(message.get("headers") or ()), pid]}
            await send(message)

        await self.app(scope, receive, answer)
