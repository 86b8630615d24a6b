"""A person, their project, and a client that is signed in."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.dashboard import factory
from triage.models import Project


@pytest.fixture
def ada(db: None) -> User:
    return factory.person("ada")


@pytest.fixture
def cars(ada: User) -> Project:
    return factory.project("cars-api", ada)


@pytest.fixture
def signed_in(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client
