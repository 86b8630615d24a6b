"""The scenarios, a file per theme; `registry` lists them all."""
