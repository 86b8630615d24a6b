"""XML from strangers: no DTD, no entities, bounded depth, elements and token size; what came before a fault is kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from ingest.formats.reports.junit_bytes import cleaned

DEPTH = 64
ELEMENTS = 2_000_000
TOKEN_BYTES = 4 * 1024 * 1024  # of one tag, comment or run of text for which the parser gives no sign of life
FEED = 65_536  # bytes at a time
TEXT = 65_536  # characters of one attribute
MODULES = 20_000
NAMES = 200_000  # whose cases are counted
CLASS = re.compile(r"(?:\.[A-Z]\w{0,200}){1,9}$")  # tests.test_cars.TestGroup: the module is tests.test_cars
WORKER = re.compile(r"(?:^|\n)\[(?P<worker>gw\d{1,4})\] \w{1,20} -- Python ")  # what xdist puts above a traceback


class Reader(Protocol):
    """What is told of a document: tags without namespaces, text in pieces."""

    def start(self, tag: str, attributes: Mapping[str, str], line: int) -> None: ...

    def end(self, tag: str) -> None: ...

    def text(self, text: str) -> None: ...


class SuiteSum:
    """How long a suite's own cases took together, and what tells that they did not run one after the other."""

    def __init__(self, timestamp: str = "", time_us: int = 0) -> None:
        self.timestamp = timestamp
        self.time_us = time_us
        self.cases_us = 0
        self.cases = 0
        self.parallel = False
        self._module = ""
        self._modules: set[str] = set()

    def add(self, classname: str, took_us: int) -> None:
        self.cases += 1
        self.cases_us += took_us
        module = CLASS.sub("", classname)
        if module != self._module:
            # one process finishes a module before it begins another
            self.parallel = self.parallel or module in self._modules
            self._module = module
            if len(self._modules) < MODULES:
                self._modules.add(module)


class Sums:
    """The first pass: adds up the times of the cases of each suite, in document order."""

    def __init__(self) -> None:
        self.suites: list[SuiteSum] = []
        self.whole_us: int | None = None  # how long all suites took together, where the document tells it
        self.named: Counter[tuple[str, str]] = Counter()  # cases by class name and name
        self._open: list[SuiteSum] = []

    def start(self, tag: str, attributes: Mapping[str, str], line: int) -> None:
        if tag == "testcase":
            name = attributes.get("classname", ""), attributes.get("name", "")
            if name in self.named or len(self.named) < NAMES:
                self.named[name] += 1
        if tag == "testsuites" and "failures" in attributes:  # newman's counts none and adds up the answers' times only
            self.whole_us = seconds(attributes.get("time", ""))
        elif tag == "testsuite":
            suite = SuiteSum(attributes.get("timestamp", ""), seconds(attributes.get("time", "")) or 0)
            self.suites.append(suite)
            self._open.append(suite)
        elif tag == "testcase" and self._open:
            self._open[-1].add(attributes.get("classname", ""), seconds(attributes.get("time", "")) or 0)

    def end(self, tag: str) -> None:
        if tag == "testsuite" and self._open:
            self._open.pop()

    def text(self, text: str) -> None:
        if "[gw" in text and self._open and WORKER.search(text):
            self._open[-1].parallel = True

    @property
    def shared(self) -> frozenset[str]:
        """Times that several suites have as theirs: the start of the run, which newman and Playwright repeat."""
        told = Counter(suite.timestamp for suite in self.suites if suite.timestamp and suite.cases)
        return frozenset(timestamp for timestamp, count in told.items() if count > 1)


class _Fault(Exception):
    """A bound was passed."""


class _Handler(ContentHandler):
    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.reader = reader
        self.depth = self.elements = self.events = 0
        self.line: Callable[[], int | None] = lambda: 0

    def startElement(self, name: str, attrs: AttributesImpl[str]) -> None:
        self.depth += 1
        self.elements += 1
        self.events += 1
        if self.depth > DEPTH:
            raise _Fault(f"The XML is nested more than {DEPTH} elements deep; what stands before that was read.")
        if self.elements > ELEMENTS:
            raise _Fault(f"The XML has more than {ELEMENTS} elements; the first ones were read.")
        cut = {key.rpartition(":")[2][:200]: value[:TEXT] for key, value in list(attrs.items())[:100]}
        self.reader.start(name.rpartition(":")[2], cut, self.line() or 0)

    def endElement(self, name: str) -> None:
        self.depth -= 1
        self.events += 1
        self.reader.end(name.rpartition(":")[2])

    def characters(self, content: str) -> None:
        self.events += 1
        self.reader.text(content)


def read_xml(blocks: Iterator[bytes], reader: Reader) -> Iterator[str]:
    """Feeds the document to `reader`; yields "" after every piece, and at a fault one sentence, as the last thing."""
    handler = _Handler(reader)
    parser = DefusedExpatParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    parser.setContentHandler(handler)
    handler.line = parser.getLineNumber
    quiet = events = 0
    try:
        for block in cleaned(blocks):
            for at in range(0, len(block), FEED):
                parser.feed(block[at : at + FEED])
                quiet = quiet + FEED if handler.events == events else 0
                events = handler.events
                if quiet > TOKEN_BYTES:
                    raise _Fault(f"One tag of the XML is longer than {TOKEN_BYTES // 1024 // 1024} MiB.")
                yield ""
        parser.close()
    except _Fault as fault:
        yield str(fault)
    except DefusedXmlException:
        yield "The XML carries a document type or entities, which no test report needs; it was not read any further."
    except SAXParseException as error:
        yield f"The XML is broken in line {error.getLineNumber()} ({error.getMessage()}); what stands before was read."
    except (SAXException, LookupError, ValueError) as error:
        yield f"The XML cannot be read ({type(error).__name__}); what stands before that was read."


def seconds(text: str) -> int | None:
    """Microseconds of `0.021`, also of `1,234.5`; None for anything that is no plain number of seconds."""
    text = text.strip().replace(",", "")
    whole, _, digits = text.partition(".")
    if not (whole or digits) or not (whole + digits).isascii() or not (whole + digits).isdigit() or len(whole) > 9:
        return None
    return int(whole or "0") * 1_000_000 + int(digits[:6].ljust(6, "0"))
