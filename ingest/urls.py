"""Upload API."""

urlpatterns: list = []
