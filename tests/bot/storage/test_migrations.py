"""The migrations make exactly the tables that the code believes in."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.errors import StorageError
from bot.storage import migrations, sqlite
from bot.storage.database import Database
from bot.storage.tables import metadata
from tests.support import databases


@pytest.fixture
def database(tmp_path):
    made = Database(f"sqlite:///{tmp_path / 'muster.db'}")
    made.migrate()
    return made


def test_the_migrated_tables_are_those_of_the_code(database):
    connection = sqlite.connect(database.path)
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert compare_metadata(context, metadata) == []
    connection.close()


def test_partial_indexes_and_uniqueness_are_the_same_as_in_the_code(database, tmp_path):
    def shape(path):
        connection = sqlite3.connect(path)
        rows = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        found = {" ".join(sql.split()) for (sql,) in rows}
        connection.close()
        return found

    connection = sqlite.connect(tmp_path / "fresh.db")
    metadata.create_all(connection)
    connection.commit()
    connection.close()
    assert shape(database.path) == shape(tmp_path / "fresh.db")


def test_migrating_again_changes_nothing(database):
    database.write_now(lambda tx: tx.facts.set("kept", 1))
    database.migrate()
    assert database.read_now(lambda tx: tx.facts.get("kept")) == 1


def test_the_newest_step_is_the_one_that_a_start_compares_with():
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert script.get_current_head() == migrations.HEAD


def test_two_programs_that_migrate_at_once_do_not_disturb_each_other(tmp_path):
    databases = [Database(f"sqlite:///{tmp_path / 'muster.db'}") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Database.migrate, databases))
    databases[0].write_now(lambda tx: tx.facts.set("works", 1))


def test_a_database_of_a_newer_version_is_refused(database):
    database.write_now(
        lambda tx: tx.connection.exec_driver_sql("UPDATE alembic_version SET version_num='9999'")
    )
    with pytest.raises(StorageError, match="version"):
        database.migrate()


def test_a_percent_sign_in_the_path_does_not_matter(tmp_path):
    folder = tmp_path / "100% school"
    made = Database(f"sqlite:///{folder / 'muster.db'}")
    made.migrate()
    made.write_now(lambda tx: tx.facts.set("works", 1))


# ── every version that there was ───────────────────────────────────────────────────────────────────────────
VERSIONS = sorted(path.name[1:5] for path in Path(migrations.__file__).parent.glob("versions/v*.py"))


def described(connection):
    look = sqlalchemy.inspect(connection)
    return {
        table: (
            sorted(
                (column["name"], str(column["type"]), column["nullable"])
                for column in look.get_columns(table)
            ),
            sorted((index["name"], tuple(index["column_names"])) for index in look.get_indexes(table)),
        )
        for table in look.get_table_names()
    }


@pytest.mark.both_databases
@pytest.mark.parametrize("version", VERSIONS)
def test_a_database_of_every_version_is_brought_up_to_date_and_keeps_what_is_in_it(tmp_path, version):
    old = Database(databases.database_url(tmp_path / "old.db"))
    old.fill_new(lambda tx: old.make_tables(tx, version=version))
    old.write_now(lambda tx: tx.facts.set("kept", [1, "集合"]))
    old.write_now(lambda tx: tx.audit.append("done", at=datetime.now(UTC), actor="T1"))
    old.migrate()
    fresh = Database(databases.database_url(tmp_path / "fresh.db"))
    fresh.migrate()
    assert old.read_now(lambda tx: described(tx.connection)) == fresh.read_now(
        lambda tx: described(tx.connection)
    )
    assert old.read_now(lambda tx: tx.facts.get("kept")) == [1, "集合"]
    assert old.read_now(lambda tx: tx.audit.first_broken()) is None


@pytest.mark.both_databases
def test_a_newer_database_is_refused_in_words_that_say_what_to_do(tmp_path):
    database = Database(databases.database_url(tmp_path / "muster.db"))
    database.migrate()
    newer = "UPDATE alembic_version SET version_num = '9999'"
    database.write_now(lambda tx: tx.connection.exec_driver_sql(newer))
    with pytest.raises(
        StorageError, match=r"newer version of Muster .* nothing was changed; install that version"
    ):
        database.migrate()
