"""SVG to PNG, here on the server: a ticket takes pixels where it takes no SVG, and a script may ask for them."""

from __future__ import annotations

import resvg_py
from ttf_opensans import opensans

LARGEST = 3  # times the size on a page
PIXELS = 24_000_000  # of one picture: what it takes in memory is four times as many bytes
FACES = tuple(str(opensans(font_weight=weight).path) for weight in (400, 600, 700))
WHITE = "#ffffff"


class TooLarge(ValueError):
    """The picture would have too many pixels."""


def png(svg: str, width: float, height: float, scale: int) -> bytes:
    """The picture at `scale` times its size, in the packaged font; those of the machine fill its gaps."""
    scale = max(1, min(LARGEST, scale))
    while scale > 1 and width * height * scale * scale > PIXELS:
        scale -= 1
    if width * height * scale * scale > PIXELS:
        raise TooLarge
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=float(scale),
            background=WHITE,
            font_files=list(FACES),
            font_family="Open Sans",
            sans_serif_family="Open Sans",
            monospace_family="DejaVu Sans Mono",
        )
    )
