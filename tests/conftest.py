"""On which databases a test runs; and the same run again: what is random follows from the test's name."""

from __future__ import annotations

import gc
import os
import random

import pytest
from hypothesis import settings

from tests.support import databases, postgres
from tests.support.skips import skip_missing

# Folders whose every test runs on both.
ON_BOTH = ("tests/scenarios/",)
# What takes long, or mostly waits, begins first: then only short files are left when a worker runs out of them.
FIRST = (
    "tests/bot/delivery/test_faults",
    "tests/bot/services/test_count_machine",
    "tests/browser/",
    "tests/handlers/chat/test_rights",
    "tests/kill/",
    "tests/scenarios/",
)
KINDS = (databases.SQLITE, databases.POSTGRES)

settings.register_profile("ci", derandomize=True, database=None, print_blob=True)
if os.environ.get("MUSTER_CI") == "1":
    settings.load_profile("ci")


def pytest_configure(config):
    config.addinivalue_line("markers", "both_databases: runs on SQLite and on PostgreSQL")
    config.addinivalue_line(
        "markers", "sqlite_only(why): among tests for both, one that is about SQLite itself"
    )
    config.addinivalue_line(
        "markers", "postgres_only: among tests for both, one that is about PostgreSQL itself"
    )


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: not item.nodeid.startswith(FIRST))


def pytest_collection_finish():
    # Thousands of collected tests stay to the end: looking them through for garbage took an eighth of the whole time.
    gc.collect()
    gc.freeze()


def pytest_generate_tests(metafunc):
    marked = metafunc.definition.get_closest_marker
    if not marked("both_databases") and not metafunc.definition.nodeid.startswith(ON_BOTH):
        return
    kinds = KINDS
    if marked("sqlite_only"):
        kinds = KINDS[:1]
    elif marked("postgres_only"):
        kinds = KINDS[1:]
    metafunc.parametrize("database_kind", kinds, indirect=True)


@pytest.fixture(autouse=True)
def database_kind(request):
    kind = getattr(request, "param", databases.SQLITE)
    if kind == databases.POSTGRES:
        try:
            postgres.server()
        except postgres.MissingError as error:
            skip_missing(str(error))
    databases.begin(kind)
    yield kind
    databases.end()


@pytest.fixture(autouse=True)
def _seeded(request: pytest.FixtureRequest) -> None:
    random.seed(request.node.nodeid)
