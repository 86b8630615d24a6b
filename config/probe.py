"""Health checks of the containers: `python -m config.probe URL` or `python -m config.probe alive`. Loads no Django."""

import sys
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from config import alive


def main(what: str) -> int:
    if what == "alive":
        return 0 if alive.age() < alive.LASTS else 1
    try:
        with build_opener(ProxyHandler({})).open(what, timeout=4):
            return 0
    except URLError as error:
        print(error)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
