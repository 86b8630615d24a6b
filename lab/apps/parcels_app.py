"""The parcel service on Flask."""

import lab_pid
import parcel_log
import parcels
from flask import Flask, jsonify, redirect, request

parcel_log.set_up()
app = Flask(__name__)
app.wsgi_app = lab_pid.Wsgi(app.wsgi_app)


@app.before_request
def began():
    parcel_log.began({name.lower(): value for name, value in request.headers.items()})


@app.after_request
def ended(response):
    parcel_log.ended(request.method, request.path, response.status_code)
    return response


@app.errorhandler(parcels.Refused)
def refused(problem):
    status, reason = problem.args
    return jsonify(error=reason), status


@app.post("/parcels")
def create():
    return jsonify(parcels.add(request.get_json(silent=True) or {})), 201


@app.get("/parcels")
def everything():
    found = parcels.of_sender(request.args.get("sender"))
    return jsonify(parcels=found, total=len(found))


@app.get("/parcels/<key>")
def read(key):
    return jsonify(parcels.find(key))


@app.put("/parcels/<key>")
def change(key):
    return jsonify(parcels.change(key, request.get_json()))


@app.delete("/parcels/<key>")
def remove(key):
    parcels.remove(key)
    return "", 204


@app.get("/track/<key>")
def track(key):
    return redirect(f"/parcels/{key}")


@app.post("/parcels/<key>/label")
def label(key):
    parcels.find(key)
    return redirect(f"/labels/{key}", code=303)


@app.get("/labels/<key>")
def printed(key):
    parcel = parcels.find(key)
    return f"{parcel['sender']} {parcel['weight']} kg"


@app.get("/quotes")
def quote():
    return jsonify(parcels.quote(request.args.get("weight", 1.0, float)))


@app.get("/stations")
def stations():
    return jsonify(stations=sorted(parcels.STATIONS))


@app.get("/stations/<name>")
def station(name):
    return jsonify(parcels.station(name))
