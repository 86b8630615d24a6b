"""The original case: a cars API whose list lives in the memory of each worker."""

import lab_log
import lab_pid
from flask import Flask, jsonify, request

app = Flask(__name__)
app.wsgi_app = lab_pid.Wsgi(app.wsgi_app)
log = lab_log.set_up(app.logger)

CARS = [
    {"name": "swift", "brand": "maruti", "price_range": "3-5 lacs", "car_type": "hatchback"},
    {"name": "creta", "brand": "hyundai", "price_range": "8-14 lacs", "car_type": "hatchback"},
    {"name": "city", "brand": "honda", "price_range": "3-6 lacs", "car_type": "sedan"},
    {"name": "vento", "brand": "volkswagen", "price_range": "7-10 lacs", "car_type": "sedan"},
]


@app.get("/cars")
def get_cars():
    log.info("Processing /GET request against /cars")
    return jsonify(cars_list=CARS, successful=True)


@app.get("/cars/<name>")
def get_car(name):
    found = [car for car in CARS if car["name"] == name]
    return jsonify(car=found[0], successful=True) if found else (jsonify(successful=False), 404)


@app.post("/cars/add")
def add_car():
    car = request.get_json()
    CARS.append(car)
    log.info("successfully added %s", car)
    return jsonify(car=car, successful=True)


@app.delete("/cars/remove/<name>")
def remove_car(name):
    CARS[:] = [car for car in CARS if car["name"] != name]
    log.info("removed %s", name)
    return jsonify(successful=True)
