"""Pages and the read API."""

from django.urls import include, path

from dashboard.views import accuracy, groups, judging, overview, run, sign_in, upload

urlpatterns = [
    path("", overview.home, name="home"),
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("p/<slug:slug>/", overview.overview, name="overview"),
    path("p/<slug:slug>/groups", groups.groups, name="groups"),
    path("p/<slug:slug>/accuracy", accuracy.accuracy, name="accuracy"),
    path("p/<slug:slug>/upload", upload.upload, name="upload"),
    path("p/<slug:slug>/tokens", upload.make_token, name="make-token"),
    path("p/<slug:slug>/tokens/<int:key>/revoke", upload.revoke_token, name="revoke-token"),
    path("runs/<uuid:run_id>", run.run, name="run"),
    path("runs/<uuid:run_id>/lines", run.lines, name="lines"),
    path("runs/<uuid:run_id>/progress", run.progress, name="progress"),
    path("runs/<uuid:run_id>/experiment", judging.experiment, name="experiment"),
    path("runs/<uuid:run_id>/judgement", judging.judgement, name="judgement"),
    path("groups/<int:pk>", groups.group, name="group"),
    path("api/", include("dashboard.api.urls")),
]
