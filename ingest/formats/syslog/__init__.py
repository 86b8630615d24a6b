"""Syslog files and streams: RFC 3164, RFC 5424, and what daemons make of them."""
