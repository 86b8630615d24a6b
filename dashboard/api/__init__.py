"""The read API of version 1, its OpenAPI document and the page that shows it."""
