"""Finding lines again: how a line falls into words, and what a person may ask for."""
