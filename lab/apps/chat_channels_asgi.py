"""The same chat on Django Channels with the in-memory channel layer: a group is known to one process alone."""

import json
import logging
import secrets

import lab_log
import lab_sockets
from django.conf import settings
from django.core.asgi import get_asgi_application

settings.configure(
    SECRET_KEY="lab",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
)
http = get_asgi_application()

from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from shared_store import Shared  # noqa: E402

log = lab_log.set_up(logging.getLogger("chat"))


class Room(AsyncJsonWebsocketConsumer):
    async def connect(self):
        self.room = self.scope["url_route"]["kwargs"]["room"]
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()
        log.info("somebody joined room %s", self.room)

    async def disconnect(self, code):
        await self.channel_layer.group_discard(self.room, self.channel_name)

    async def chat_message(self, event):
        await self.send_json(event["message"])
        log.info("message delivered in room %s", self.room)


async def messages(request, room):
    history = Shared("messages " + room)
    if request.method == "POST":
        message = json.loads(request.body)
        history.put(secrets.token_hex(4), message)
        await get_channel_layer().group_send(room, {"type": "chat.message", "message": message})
        log.info("message sent to room %s", room)
        return JsonResponse(message, status=201)
    return JsonResponse({"messages": history.all()})


urlpatterns = [path("rooms/<slug:room>/messages", messages)]
sockets = URLRouter([path("ws/rooms/<slug:room>", Room.as_asgi())])
app = lab_sockets.Asgi(ProtocolTypeRouter({"http": http, "websocket": sockets}))
