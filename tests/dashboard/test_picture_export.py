"""The lineup as a file: an SVG that stands alone, a PNG of the right size, and no log that becomes markup."""

from __future__ import annotations

import re
import struct
import zlib
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from django.test import Client

from dashboard import raster
from dashboard.pages.drawing_style import drawing_style
from dashboard.timeline.text import BOLD, width_of
from tests.dashboard import factory
from tests.dashboard.build import GET, POST, Build, original
from tests.dashboard.states import HOSTILE, STATES
from triage.core.findings import VerdictKind, VerdictSide
from triage.core.records import Outcome, Request
from triage.models import Project, Run

SVG = "{http://www.w3.org/2000/svg}"


def svg(client: Client, run: Run, query: str = "") -> Element:
    answer = client.get(f"/runs/{run.pk}/lineup.svg{query}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    return fromstring(answer.content)


def words(root: Element) -> str:
    return " ".join("".join(e.itertext()) for e in root.iter(f"{SVG}text"))


def pixels(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and the unfiltered-enough bytes of a PNG of eight bits a channel."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    at, data = 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            data += png[at + 8 : at + 8 + length]
        at += 12 + length
    return width, height, zlib.decompress(data)


def test_the_svg_stands_alone_and_says_what_the_page_says(signed_in: Client, cars: Project):
    root = svg(signed_in, factory.analysed(cars, original()))
    text = words(root)
    for said in ("which never saw it.", "gunicorn 51463", "written here: successfully added", "read here: Processing"):
        assert said in text
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert "gunicorn[51465]" in (title.text or "")
    assert desc is not None
    assert "each step tied to the entry" in (desc.text or "")
    assert "is-split" in root.get("class", "")
    style = root.findtext(f"{SVG}style") or ""
    assert "sans-serif" in style
    assert "var(" not in style
    assert "url(" not in style
    assert "light-dark" not in style
    links = [e.get("href", "") for e in root.iter(f"{SVG}a")]
    assert links
    assert all(link.startswith("http://testserver/runs/") for link in links)
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {
        "svg", "title", "desc", "style", "g", "a", "rect", "path", "text", "circle",
    }  # fmt: skip


def test_the_whole_verdict_stands_above_the_picture_and_within_it(signed_in: Client, cars: Project):
    """Cut after 80 letters, a ticket's picture did not say what was read where."""
    run = factory.analysed(cars, original())
    verdict = run.verdicts.get()
    verdict.summary = "POST /cars/add was most likely served by gunicorn[31065], " * 3 + "which never saw it."
    verdict.save()
    root = svg(signed_in, run)
    heads = [e for e in root.iter(f"{SVG}text") if e.get("class") == "headline"]
    assert " ".join(e.text or "" for e in heads) == verdict.summary
    assert all(width_of(e.text or "", 17) * BOLD <= float(root.get("width", 0)) - 44 for e in heads)
    below = next(float(e.get("y", 0)) for e in root.iter(f"{SVG}text") if e.get("class") == "small")
    assert below > max(float(e.get("y", 0)) for e in heads) + 12


def test_only_a_picture_of_split_state_wears_its_colour(signed_in: Client, cars: Project):
    assert "is-split" not in svg(signed_in, factory.analysed(cars, STATES["server_error"]())).get("class", "")


def test_the_files_have_names_and_are_private(signed_in: Client, cars: Project):
    run = factory.analysed(cars, original(), name="Nightly “ünï” / 7\r\n")
    for ending in ("svg", "png"):
        answer = signed_in.get(f"/runs/{run.pk}/lineup.{ending}")
        assert answer.headers["Content-Disposition"] == (
            f'attachment; filename="lineup-nightly-uni-7-test_api_example.{ending}"'
        )
        assert "private" in answer.headers["Cache-Control"]
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        again = signed_in.get(f"/runs/{run.pk}/lineup.{ending}", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_the_png_has_the_size_asked_for_and_is_not_blank(scale: int, signed_in: Client, cars: Project):
    run = factory.analysed(cars, original())
    root = svg(signed_in, run)
    answer = signed_in.get(f"/runs/{run.pk}/lineup.png?scale={scale}")
    assert answer.headers["Content-Type"] == "image/png"
    width, height, data = pixels(answer.content)
    assert width == pytest.approx(float(root.get("width", 0)) * scale, abs=2)
    assert height == pytest.approx(float(root.get("height", 0)) * scale, abs=2)
    assert len(set(data)) > 50


@pytest.mark.parametrize("scale", ["0", "-1", "99", "x", "1e9", "²", ""])
def test_a_scale_that_makes_no_sense_is_one(scale: str, signed_in: Client, cars: Project):
    run = factory.analysed(cars, original())
    width, _, _ = pixels(signed_in.get(f"/runs/{run.pk}/lineup.png?scale={scale}").content)
    assert width == 1180


def test_pixels_are_bounded():
    blank = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'
    with pytest.raises(raster.TooLarge):
        raster.png(blank, 100_000, 100_000, 1)


@pytest.mark.parametrize("family", ["sans-serif", "ui-sans-serif, system-ui, sans-serif", "monospace"])
def test_text_is_drawn_whatever_fonts_the_machine_has(family: str):
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40">'
        f'<text x="5" y="25" font-family="{family}" font-size="20">\xd7 gunicorn … \u2212</text></svg>'
    )
    _, _, data = pixels(raster.png(text, 200, 40, 1))
    assert len(set(data)) > 20


def test_hostile_names_stay_text(signed_in: Client, cars: Project):
    root = svg(signed_in, factory.analysed(cars, STATES["hostile"](), name=HOSTILE.replace("\0", "")))
    text = words(root)
    assert "<script>alert(1)</script>" in text
    assert "\u202e" not in text
    assert not list(root.iter(f"{SVG}script"))
    assert not list(root.iter(f"{SVG}img"))
    assert not [name for e in root.iter() for name in e.attrib if name.startswith("on")]


EVIL = "</text></svg><script>alert(1)</script>\x00\x01\x1b[31m\ufffe\u202e\ud7ff ]]> <![CDATA[ -->" + "m" * 1_000_000


def test_a_megabyte_of_markup_in_every_field_is_cut_and_escaped(signed_in: Client, cars: Project):
    b = Build(hosts=(EVIL[:300],))
    one, two = (b.process(pid, host=EVIL[:300], unit=EVIL[:300]) for pid in (1, 2))
    request = Request(method="GET", path=f"/{EVIL[:9000]}", status=200)
    w, r = b.serve(one, 0.0, POST, line=EVIL), b.serve(two, 1.0, request, line=EVIL)
    ws, rs = b.step(EVIL, 0.0, served=w, request=POST), b.step(EVIL, 1.0, served=r, request=GET)
    b.test(Outcome.FAILED, EVIL)
    b.verdict(
        VerdictKind.SPLIT_STATE, EVIL, side=VerdictSide.SERVER, write=b.end(served=w, step=ws),
        read=b.end(served=r, step=rs),
    )  # fmt: skip
    run = factory.analysed(cars, b)
    answer = signed_in.get(f"/runs/{run.pk}/lineup.svg")
    assert len(answer.content) < 120_000
    root = fromstring(answer.content)
    assert not list(root.iter(f"{SVG}script"))
    assert signed_in.get(f"/runs/{run.pk}/lineup.png").status_code == 200
    peek = signed_in.get(f"/runs/{run.pk}/lines?step=0", headers={"HX-Request": "true", "HX-Target": "peek"})
    assert len(peek.content) < 20_000
    assert b"<script" not in peek.content


@pytest.mark.parametrize("name", STATES)
def test_every_state_can_be_exported(name: str, signed_in: Client, cars: Project):
    run = factory.analysed(cars, STATES[name]() if name != "busy" else STATES[name](300))
    for query in ("", "?times=raw" if name != "nothing_stamped" else "?view=table"):
        root = svg(signed_in, run, query)
        assert len(list(root.iter())) <= 1600
    if name != "nothing_stamped":  # no process and no times: nothing to draw of the whole run
        assert "tests" in words(svg(signed_in, run, "?span=run"))


def test_a_window_is_exported_as_it_is_seen(signed_in: Client, cars: Project):
    run = factory.analysed(cars, STATES["busy"](200))
    part = svg(signed_in, run, "?from=2024-05-23T12:11:25Z&to=2024-05-23T12:11:28.500000Z")
    assert "12:12:00" in words(svg(signed_in, run))
    assert "12:12:00" not in words(part)
    assert "later on gunicorn 2003" in words(
        svg(signed_in, run, "?from=2024-05-23T12:11:26Z&to=2024-05-23T12:11:27.5Z")
    )


def test_a_run_with_nothing_to_draw_has_no_file(signed_in: Client, cars: Project):
    run = factory.empty_run(cars)
    assert signed_in.get(f"/runs/{run.pk}/lineup.svg").status_code == 404
    run = factory.analysed(cars, original())
    assert signed_in.get(f"/runs/{run.pk}/lineup.png?test=nothing").status_code == 404


def test_strangers_get_no_picture(client: Client, cars: Project):
    run = factory.analysed(cars, original())
    client.force_login(factory.person("eve"))
    for path in ("lineup.svg", "lineup.png", "lines?step=1"):
        assert client.get(f"/runs/{run.pk}/{path}").status_code == 404
    assert client.post(f"/runs/{run.pk}/analyse").status_code == 404
    client.logout()
    assert client.get(f"/runs/{run.pk}/lineup.svg").status_code == 302


def test_the_style_of_an_export_has_every_colour_of_a_process():
    style = drawing_style()
    for name, colour in (("p1", "#0067a3"), ("p8", "#7d5a45"), ("rest", "#6a6d79")):
        assert re.search(rf"^\.{name} \.lane \{{ stroke: {colour};", style, re.MULTILINE)
    assert ".is-split .crossing path { fill: none; stroke: #bf3b16;" in style
    assert "--" not in style
