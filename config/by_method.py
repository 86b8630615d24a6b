"""One address, two apps: the method of the request decides which of them answers."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt


def by_method(otherwise: str, **views: str) -> Callable[..., HttpResponse]:
    """Views are named by their import path; `otherwise` also refuses the methods that nobody answers."""
    found = {method: import_string(path) for method, path in views.items()}
    other = import_string(otherwise)

    @csrf_exempt  # for views of the API only: they know a caller by its token, never by a cookie
    def choose(request: HttpRequest) -> HttpResponse:
        response: HttpResponse = found.get(request.method or "", other)(request)
        return response

    return choose
