"""What both HTTP APIs share: errors as one JSON shape, and the view decorator that turns every failure into it."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt

from triage.refused_bodies import FORM, read_out

log = logging.getLogger(__name__)

View = Callable[..., HttpResponse]
API = "/api/"
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
FAILED = "Lineup failed on this request. Its own log says why; try again."


def run_url(request: HttpRequest, run_id: object) -> str:
    """The address of a run's page for people: at the public address where one is set, else where the request came."""
    path = f"/runs/{run_id}"
    return settings.BASE_URL + path if settings.BASE_URL else request.build_absolute_uri(path)


class ApiError(Exception):
    """An answer that is not the wanted one: a status, a code for programs and a sentence for people."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.headers = dict(headers or {})


def json_response(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A JSON answer that no cache may hand to somebody else."""
    return HttpResponse(
        orjson.dumps(document),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "private, no-cache", "Vary": "Authorization", **(headers or {})},
    )


def error_response(error: ApiError) -> HttpResponse:
    body = {"error": {"code": error.code, "message": error.message, "field": error.field}}
    return json_response(body, error.status, {"Cache-Control": "no-store", **error.headers})


def api_view(methods: Iterable[str], elsewhere: Iterable[str] = ()) -> Callable[[View], View]:
    """Makes a view of the API: no session, no CSRF, and every failure leaves as the one error document.

    `elsewhere` names methods that the same address answers through another view: the 405 names them too.
    """
    accepted = set(methods) | ({"HEAD"} if "GET" in methods else set())
    allow = ", ".join(sorted(accepted | set(elsewhere)))

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                if request.method not in accepted:
                    message = f"This address answers {allow}."
                    raise ApiError(405, "method_not_allowed", message, headers={"Allow": allow})
                return view(request, *args, **kwargs)
            except ApiError as error:
                return error_response(error)
            except DisallowedHost:
                return error_response(ApiError(400, "bad_host", "The Host header names no host of this server."))
            except TOO_MUCH as error:
                return error_response(ApiError(413, "too_large", too_much(error)))
            except (OperationalError, InterfaceError) as error:
                log.error("%s %s: the database does not answer: %s", request.method, request.path, type(error).__name__)
                message = "The database does not answer; nothing was changed. Try again in a moment."
                return error_response(ApiError(503, "database_away", message, headers={"Retry-After": "2"}))
            except Exception:
                # Neither body nor headers are logged: they carry tokens and other people's logs.
                log.exception("%s %s failed", request.method, request.path)
                return error_response(ApiError(500, "internal_error", FAILED))

        return csrf_exempt(answer)

    return decorate


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """The 404 of addresses under /api/ that no view answers."""
    return error_response(
        ApiError(404, "not_found", "There is nothing at this address; /api/ lists the addresses that there are.")
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 400 of requests that no view was asked about, such as one with a wrong Host; 413 of those that are too large.

    A browser shows an answer only once it has sent everything, so the rest is read first. The pages are drawn without
    the request, as Django's own are not: these look at its form again, which fails as it did before.
    """
    if isinstance(exception, TOO_MUCH):
        read_out(request, FORM)
        said = too_much(exception)
        log.warning("%s %s refused: %s", request.method, request.path, said)
        if request.path.startswith(API):
            return error_response(ApiError(413, "too_large", said))
        return HttpResponse(render_to_string("413.html", {"said": said}), status=413)
    if not request.path.startswith(API):
        return HttpResponse(render_to_string("400.html"), status=400)
    return error_response(
        ApiError(400, "bad_request", "The request is not one that Lineup can answer; look at its Host.")
    )


def too_much(error: Exception) -> str:
    """What was too much of the request, and how much would do."""
    if isinstance(error, RequestDataTooBig):
        most = f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20} MB"
        return f"What is sent without files holds at most {most}, and this held more. Nothing of it was kept."
    most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS if isinstance(error, TooManyFieldsSent) else settings.LINEUP_MAX_PARTS
    what = "fields" if isinstance(error, TooManyFieldsSent) else "files"
    return f"A form has at most {most} {what} here, and this one had more. Nothing of it was kept."


def server_error(request: HttpRequest) -> HttpResponse:
    """The 500 of what failed outside every view."""
    if not request.path.startswith(API):
        return HttpResponse(render_to_string("500.html"), status=500)
    return error_response(ApiError(500, "internal_error", FAILED))
