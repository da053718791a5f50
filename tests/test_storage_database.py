"""The database: how it is opened, made and migrated."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from server.storage.database import Database, StorageError
from server.storage.migrate import configuration, upgrade
from server.storage.tables import HEAD, metadata

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def open_database(tmp_path):
    opened = []

    def open_(url: str | None = None) -> Database:
        opened.append(Database(url or f"sqlite:///{tmp_path}/folder/test.sqlite3"))
        return opened[-1]

    yield open_
    for database in opened:
        database.close()


def schema(database: Database) -> dict:
    """Describes all tables, for comparison."""
    with database.read() as connection:
        found = inspect(connection)
        return {
            table: {
                "columns": [
                    (c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)
                ],
                "key": found.get_pk_constraint(table),
                "foreign": sorted(found.get_foreign_keys(table), key=lambda k: str(k["name"])),
                "unique": sorted(found.get_unique_constraints(table), key=lambda u: str(u["name"])),
                "indexes": sorted(found.get_indexes(table), key=lambda i: str(i["name"])),
            }
            for table in sorted(set(found.get_table_names()) - {"alembic_version"})
        }


def test_sqlite_is_durable_checks_foreign_keys_and_lets_readers_read_while_one_writes(
    open_database,
):
    database = open_database()
    database.prepare()
    with database.read() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert pragma == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1
    }  # fmt: skip
    with database.write() as writer:
        writer.execute(text("DELETE FROM project"))
        with database.read() as reader:
            assert reader.execute(text("SELECT count(*) FROM project")).scalar() == 0


def test_a_change_that_fails_half_way_leaves_nothing(open_database):
    database = open_database()
    database.prepare()
    with pytest.raises(RuntimeError, match="half way"), database.write() as connection:
        connection.execute(text("INSERT INTO embedding VALUES ('a', 'b', 'c')"))
        raise RuntimeError("half way")
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM embedding")).scalar() == 0


def test_a_reader_sees_one_state_while_others_write(open_database):
    database = open_database()
    database.prepare()
    count = text("SELECT count(*) FROM embedding")
    with database.read() as reader:
        assert reader.execute(count).scalar() == 0
        with database.write() as writer:
            writer.execute(text("INSERT INTO embedding VALUES ('a', 'b', 'c')"))
        assert reader.execute(count).scalar() == 0
    with database.read() as reader:
        assert reader.execute(count).scalar() == 1


def test_many_threads_write_without_a_locked_database(open_database):
    database = open_database()
    database.prepare()

    def write(number: int) -> None:
        for i in range(10):
            with database.write() as connection:
                connection.execute(text(f"INSERT INTO embedding VALUES ('{number}', '{i}', 'c')"))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM embedding")).scalar() == 80


def test_migrations_from_empty_and_the_tables_of_a_new_database_are_the_same(
    open_database, tmp_path
):
    new = open_database()
    new.prepare()
    migrated = open_database(f"sqlite:///{tmp_path}/migrated.sqlite3")
    with migrated.write() as connection:
        upgrade(connection, None)
    assert schema(new) == schema(migrated)
    assert set(schema(new)) == set(metadata.tables)
    migrated.prepare()  # is at head already
    with migrated.read() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD


def test_head_is_the_newest_migration_and_alembic_finds_nothing_to_change(open_database):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    assert ScriptDirectory.from_config(configuration()).get_current_head() == HEAD
    database = open_database()
    database.prepare()
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrations_can_be_taken_back(open_database):
    from alembic import command

    database = open_database()
    with database.write() as connection:
        upgrade(connection, None)
    with database.write() as connection:
        command.downgrade(configuration(connection), "base")
    assert schema(database) == {}


def test_what_an_older_version_has_stored_is_there_after_a_migration_and_after_taking_it_back(
    open_database,
):
    from alembic import command

    rows = {
        "project": "('p', 'P', 4, 1, 1, 'b', '{}', 1)",
        "label": "('p', 'c', 'cup', '#112233', 0)",
        "sample": "('s', 'p', 'c', 1, 0, 'one go', 'camera', NULL, 0)",
        "sample_vector": "('s', 'f', 'vvvv')",
    }
    database = open_database()
    with database.write() as connection:
        command.upgrade(configuration(connection), "0002")
        for table, values in rows.items():
            connection.execute(text(f"INSERT INTO {table} VALUES {values}"))
    database.prepare()

    def stored(columns):
        with database.read() as connection:
            found = f"SELECT {columns} FROM sample JOIN sample_vector ON sample_id = sample.id"
            return [tuple(row) for row in connection.execute(text(found))]

    assert stored("sample.id, burst, vector, contributor") == [("s", "one go", "vvvv", None)]
    with database.write() as connection:
        connection.execute(text("UPDATE sample SET contributor = 'Anna'"))
    with database.write() as connection:
        command.downgrade(configuration(connection), "0002")
    assert stored("sample.id, burst, vector") == [("s", "one go", "vvvv")]
    database.prepare()
    assert stored("sample.id, contributor") == [("s", None)]


def test_a_database_at_head_is_opened_without_importing_alembic(tmp_path):
    code = (
        "import sys; from server.storage import Database\n"
        f"d = Database('sqlite:///{tmp_path}/x.sqlite3'); d.prepare(); d.prepare(); d.close()\n"
        "assert 'alembic' not in sys.modules, 'alembic was imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_a_database_of_a_newer_version_is_refused_and_left_alone(open_database):
    database = open_database()
    database.prepare()
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match=r"'9999'.*newer"):
        database.prepare()
    with database.read() as connection:
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    assert version == "9999"


def test_a_foreign_database_is_refused(tmp_path, open_database):
    with sqlite3.connect(tmp_path / "other.sqlite3") as connection:
        connection.execute("CREATE TABLE project (name TEXT)")
    connection.close()
    with pytest.raises(StorageError, match="did not make"):
        open_database(f"sqlite:///{tmp_path}/other.sqlite3").prepare()


def test_a_file_that_is_no_database_is_told(tmp_path, open_database):
    (tmp_path / "junk.sqlite3").write_bytes(b"this is no database at all, really not" * 100)
    with pytest.raises(StorageError, match=r"junk\.sqlite3 cannot be opened"):
        open_database(f"sqlite:///{tmp_path}/junk.sqlite3").prepare()


@pytest.mark.parametrize("url", ["nonsense", "nosuch://host/name", "postgresql+nosuch://h/n"])
def test_an_address_that_cannot_be_used_is_told_with_an_example(url):
    with pytest.raises(StorageError, match="sqlite:////path"):
        Database(url)


def test_a_password_in_the_address_is_not_shown():
    with pytest.raises(StorageError) as error:
        Database("nosuch://user:secret@host/name")
    assert "secret" not in str(error.value)
