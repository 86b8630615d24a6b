"""The parcel service on FastAPI, for the servers that speak ASGI."""

import lab_pid
import parcel_log
import parcels
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse

parcel_log.set_up()
api = FastAPI()


class Told:
    """Tells the service's log when a request begins and ends."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        parcel_log.began({name.decode(): value.decode() for name, value in scope["headers"]})

        async def answer(message):
            if message["type"] == "http.response.start":
                parcel_log.ended(scope["method"], scope["path"], message["status"])
            await send(message)

        await self.app(scope, receive, answer)


@api.exception_handler(parcels.Refused)
async def refused(request: Request, problem: parcels.Refused):
    status, reason = problem.args
    return JSONResponse({"error": reason}, status)


@api.post("/parcels", status_code=201)
async def create(request: Request):
    return parcels.add(await request.json() if await request.body() else {})


@api.get("/parcels")
async def everything(sender: str | None = None):
    found = parcels.of_sender(sender)
    return {"parcels": found, "total": len(found)}


@api.get("/parcels/{key}")
async def read(key: str):
    return parcels.find(key)


@api.put("/parcels/{key}")
async def change(key: str, body: dict):
    return parcels.change(key, body)


@api.delete("/parcels/{key}", status_code=204)
async def remove(key: str):
    parcels.remove(key)


@api.get("/track/{key}")
async def track(key: str):
    return RedirectResponse(f"/parcels/{key}", 302)


@api.post("/parcels/{key}/label")
async def label(key: str):
    parcels.find(key)
    return RedirectResponse(f"/labels/{key}", 303)


@api.get("/labels/{key}")
async def printed(key: str):
    parcel = parcels.find(key)
    return f"{parcel['sender']} {parcel['weight']} kg"


@api.get("/quotes")
async def quote(weight: float = 1.0):
    return parcels.quote(weight)


@api.get("/stations")
async def stations():
    return {"stations": sorted(parcels.STATIONS)}


@api.get("/stations/{name}")
async def station(name: str):
    return parcels.station(name)


app = lab_pid.Asgi(Told(api))
