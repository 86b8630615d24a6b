"""Commands of the whole, beside those of the apps."""
