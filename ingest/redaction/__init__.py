"""Secrets out of what the machines said, before any of it is stored: `redactor.Redactor` is the one door.

What is found is replaced by a placeholder that names its kind and carries a keyed hash, so that equal secrets stay
recognisable as equal. Pure: no Django, clock or file system.
"""
