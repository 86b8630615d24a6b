"""From stored parts to rows: the shell around `ingest.formats`."""
