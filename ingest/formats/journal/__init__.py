"""The systemd journal, in every form in which journalctl prints it."""
