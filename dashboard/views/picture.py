"""The lineup as a file: SVG and PNG, for a ticket or a script."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from dashboard import raster
from dashboard.pages.exports import Picture, export
from dashboard.views.overview import site
from dashboard.views.run import read_choice
from triage.models import Test
from triage.people import for_people, run_or_404

# An SVG that is opened by itself is a document: this one may style itself and do nothing else.
ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@require_safe
@for_people
def lineup_svg(request: HttpRequest, run_id: UUID) -> HttpResponse:
    picture = _picture(request, run_id)
    return _file(request, picture, "svg", "image/svg+xml", picture.svg.encode("utf-8"))


@require_safe
@for_people
def lineup_png(request: HttpRequest, run_id: UUID) -> HttpResponse:
    picture, wanted = _picture(request, run_id), request.GET.get("scale", "")
    scale = int(wanted) if wanted in ("1", "2", "3") else 1
    answer = get_conditional_response(request, etag=_etag(picture.svg, f"png{scale}"))
    if answer is not None:
        return answer
    try:
        content = raster.png(picture.svg, picture.width, picture.height, scale)
    except raster.TooLarge:
        raise Http404 from None
    return _file(request, picture, "png", "image/png", content, f"png{scale}")


def _picture(request: HttpRequest, run_id: UUID) -> Picture:
    try:
        found = export(run_or_404(request, run_id), read_choice(request), site(request))
    except Test.DoesNotExist:
        found = None
    if found is None:
        raise Http404
    return found


def _file(
    request: HttpRequest, picture: Picture, ending: str, kind: str, content: bytes, salt: str = ""
) -> HttpResponse:
    etag = _etag(picture.svg, salt or ending)
    answer = HttpResponse(content, content_type=kind, headers={"ETag": etag, "Content-Security-Policy": ALONE})
    answer.headers["Content-Disposition"] = f'attachment; filename="{picture.name}.{ending}"'
    return get_conditional_response(request, etag=etag, response=answer)


def _etag(svg: str, salt: str) -> str:
    digest = hashlib.sha256(f"{salt} {svg}".encode()).hexdigest()
    return f'"{digest[:32]}"'
