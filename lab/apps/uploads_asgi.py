"""Files are uploaded and reports are written, on FastAPI. `FILES=local` keeps them on the disk of one host."""

import logging
import os
from pathlib import Path

import lab_log
import lab_pid
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse

api = FastAPI()
log = lab_log.set_up(logging.getLogger("files"))
# What all hosts share is mounted at DATA; everything else under /srv is each host's own.
ROOT = Path("/srv/uploads" if os.environ.get("FILES") == "local" else os.environ.get("DATA", ".") + "/uploads")
ROOT.mkdir(exist_ok=True)


def stored(name):
    path = ROOT / Path(name).name
    if not path.is_file():
        log.warning("file %s not found in %s", name, ROOT)
        raise HTTPException(404, "no such file")
    return path


@api.put("/files/{name}", status_code=201)
async def upload(name: str, request: Request):
    content = await request.body()
    (ROOT / Path(name).name).write_bytes(content)
    log.info("file %s stored, %d bytes", name, len(content))
    return {"name": name, "size": len(content)}


@api.get("/files/{name}")
async def download(name: str):
    return FileResponse(stored(name))


@api.get("/files")
async def listing():
    return {"files": sorted(path.name for path in ROOT.iterdir())}


@api.delete("/files/{name}", status_code=204)
async def delete(name: str):
    stored(name).unlink()
    return Response(status_code=204)


@api.get("/limits")
async def limits():
    return {"largest": 1_000_000}


app = lab_pid.Asgi(api)
