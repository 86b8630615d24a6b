"""The front door: `POST /api/v1/runs`."""
