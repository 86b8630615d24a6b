"""Everything that a page shows, as one frozen record a page: loaded here, written down by the template."""
