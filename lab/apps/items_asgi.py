"""The items API on FastAPI, for the servers that speak ASGI."""

import asyncio
import logging
import os
import uuid

import lab_log
import lab_pid
from fastapi import FastAPI, HTTPException
from shared_store import store

api = FastAPI()
log = lab_log.set_up(logging.getLogger("shop"))
ITEMS = store("items")
BUG = os.environ.get("BUG", "")


@api.post("/items", status_code=201)
async def create(body: dict):
    if not isinstance(body.get("price"), (int, float)) or (BUG == "strict" and body["price"] < 1):
        raise HTTPException(422, "price is not valid")
    item = {"id": uuid.uuid4().hex[:8], "name": body["name"], "price": body["price"]}
    ITEMS.put(item["id"], item)
    log.info("item %s created: %s", item["id"], item["name"])
    return item


@api.get("/items/{key}")
async def read(key: str):
    item = ITEMS.get(key)
    if item is None:
        log.info("item %s not found", key)
        raise HTTPException(404, "Not Found")
    return item


@api.get("/items")
async def everything():
    items = ITEMS.all()[:3] if BUG == "count" else ITEMS.all()
    return {"items": items, "total": len(items)}


@api.put("/items/{key}")
async def change(key: str, body: dict):
    item = ITEMS.get(key)
    if item is None:
        raise HTTPException(404, "Not Found")
    item |= body
    if BUG == "round":
        item["price"] = int(item["price"])
    ITEMS.put(key, item)
    log.info("item %s changed", key)
    return item


@api.delete("/items/{key}", status_code=204)
async def remove(key: str):
    if not ITEMS.delete(key):
        raise HTTPException(404, "Not Found")


@api.delete("/items", status_code=204)
async def clear():
    ITEMS.clear()


@api.get("/report")
async def report():
    if BUG == "slow":
        await asyncio.sleep(2.5)
    items = ITEMS.all()
    average = sum(item["price"] for item in items) / (0 if BUG == "500" else max(len(items), 1))
    return {"count": len(items), "average": average}


@api.get("/health")
async def health():
    return {"ok": True}


app = lab_pid.Asgi(api)
