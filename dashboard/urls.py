"""Pages and the read API."""

urlpatterns: list = []
