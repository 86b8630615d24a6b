"""Node ids rebuilt from what JUnit XML leaves of them: class name, name, and perhaps a file."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ingest.formats import ansi

ESCAPED = re.compile(r"#x1B\[[0-9;]{0,20}m")  # how pytest writes an escape that XML cannot hold
NO_NAME = "(a test without a name)"
TEST_MODULE = re.compile(r"^(?:test_\w{0,200}|\w{1,200}_test)$")


def plain(text: str) -> str:
    """The text without colours, as it was before XML."""
    return ansi.strip(ESCAPED.sub("", text) if "#x1B" in text else text).replace("#x00", "\u2400")


def like_pytest(attributes: Mapping[str, str]) -> bool:
    """Whether a case is named as pytest names its cases, in a suite that a project has given its own name."""
    modules = attributes.get("classname", "").split(".")
    return attributes.get("file", "").endswith(".py") or any(TEST_MODULE.match(each) for each in modules[:50])


def node_id(attributes: Mapping[str, str], pytest: bool) -> str:
    """`tests/test_cars.py::TestGroup::test_add[x]` of classname `tests.test_cars.TestGroup`, name and perhaps file."""
    classname, name = attributes.get("classname", ""), plain(attributes.get("name", ""))
    file = attributes.get("file", "").replace("\\", "/")
    if not classname:
        if file:
            return f"{file}::{name}" if name else file
        if not name.strip():
            return NO_NAME
        return name.replace(".", "/") + ".py" if pytest and re.fullmatch(r"[\w.]{1,500}", name) else name
    if not pytest:
        return f"{classname}::{name}"
    if file.endswith(".py"):
        module = file.removesuffix(".py").replace("/", ".")
        if classname == module or classname.startswith(module + "."):
            inner = classname[len(module) :].strip(".")
            return "::".join(filter(None, (file, *inner.split("."), name)))
    parts = classname.split(".")
    cut = len(parts)
    while cut > 1 and parts[cut - 1][:1].isupper():
        cut -= 1
    return "::".join(("/".join(parts[:cut]) + ".py", *parts[cut:], name))
