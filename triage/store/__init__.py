"""Every write, atomic, and idempotent by unique constraint."""
