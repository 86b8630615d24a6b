"""A support desk on socket.io by long polling: the handshake's session is known to the worker that made it."""

import logging

import lab_log
import lab_pid
import socketio
from flask import Flask, jsonify

app = Flask(__name__)
log = lab_log.set_up(app.logger)
sio = socketio.Server(
    async_mode="threading",
    transports=["polling"],
    logger=lab_log.set_up(logging.getLogger("socketio.server")),
    engineio_logger=lab_log.set_up(logging.getLogger("engineio.server")),
)
app.wsgi_app = lab_pid.Wsgi(socketio.WSGIApp(sio, app.wsgi_app))


@sio.event
def connect(sid, environ):
    log.info("visitor %s connected", sid)


@sio.event
def question(sid, text):
    log.info("visitor %s asks", sid)
    sio.emit("answer", f"You asked: {text}", to=sid)


@app.get("/hours")
def hours():
    return jsonify(opens=9, closes=17)
