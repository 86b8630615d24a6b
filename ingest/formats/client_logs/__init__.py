"""Log lines of the tests side, with the HTTP exchanges in them."""
