"""Pages and the read API."""

from django.urls import include, path

from dashboard.views import overview, run, sign_in, upload

urlpatterns = [
    path("", overview.home, name="home"),
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("p/<slug:slug>/", overview.overview, name="overview"),
    path("p/<slug:slug>/upload", upload.upload, name="upload"),
    path("p/<slug:slug>/tokens", upload.make_token, name="make-token"),
    path("p/<slug:slug>/tokens/<int:key>/revoke", upload.revoke_token, name="revoke-token"),
    path("runs/<uuid:run_id>", run.run, name="run"),
    path("runs/<uuid:run_id>/lines", run.lines, name="lines"),
    path("runs/<uuid:run_id>/progress", run.progress, name="progress"),
    path("api/", include("dashboard.api.urls")),
]
