"""One axis for the requests of all hosts: the server's own clock where there is one host, else the client's."""

from __future__ import annotations

from functools import cached_property

from triage.core.clock_scale import clock_of, to_client, to_server
from triage.core.findings import Lineup, Served


class CommonTime:
    """Instants that may be compared with each other, whichever host wrote them."""

    def __init__(self, lineup: Lineup) -> None:
        self._lineup = lineup
        self._clocks = lineup.clocks
        hosts = [process.host for process in lineup.processes]
        self._several = len({hosts[served.process] for served in lineup.served}) > 1
        self._of_host = {host: clock_of(self._clocks, host) for host in set(hosts)}
        self._served = [self.at(hosts[served.process], served.low_us) for served in lineup.served]

    def of(self, served: Served) -> int:
        """When a request was served."""
        return self._served[served.index]

    @cached_property
    def order(self) -> tuple[Served, ...]:
        """All requests in the order in which they were served."""
        return tuple(sorted(self._lineup.served, key=self.of))

    def at(self, host: str, server_us: int) -> int:
        """A host's instant."""
        if not self._several:
            return server_us
        clock = self._of_host.get(host)
        return to_client(clock, server_us) if clock is not None else server_us

    def of_client(self, client_us: int) -> int:
        """An instant of the tests."""
        return client_us if self._several else self.on_server(client_us)

    def on_server(self, client_us: int) -> int:
        """The same on the busiest host's own clock."""
        return to_server(self._clocks[0], client_us) if self._clocks else client_us
