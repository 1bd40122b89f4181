"""PostgreSQL as a `Driver`: one advisory lock lets one unit of work write at a time, whichever process it runs in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, cast

import psycopg
import structlog
from sqlalchemy import URL, Connection, Engine, NullPool, RootTransaction, create_engine, event
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import DBAPIError, PendingRollbackError

from bot.errors import StorageBusyError, StorageError
from bot.storage.run_lock import RunLock

log = structlog.get_logger(__name__)

# Number of our advisory lock, out of the way of anybody else's in the same database.
WRITE_LOCK: Final = 0x4D5553540001
# A knock waits this long in the lock's queue, which is first come, first served; then patience is asked again.
_KNOCK_MS: Final = 500
# A row that somebody else has locked by hand is waited for no longer than this.
_ROW_LOCK_MS: Final = 5000
# After a commit whose answer was lost: how long its fate is asked for.
_FATE_S: Final = 10.0
_OLDEST: Final = 14
_CONNECT: Final = {
    "connect_timeout": 5,
    "application_name": "muster",
    # A server that vanished is noticed within seconds, not after the two hours of TCP.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
_OPTIONS: Final = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "jit": "off",
        "timezone": "UTC",
        # Whoever stands still inside a unit of work holds up everybody else; no unit waits for anything.
        "idle_in_transaction_session_timeout": 60_000,
        # And the server notices a machine that lost its power: else that one holds the run lock for two hours.
        "tcp_keepalives_idle": 5,
        "tcp_keepalives_interval": 2,
        "tcp_keepalives_count": 3,
        "tcp_user_timeout": 10_000,
    }.items()
)

# Classes and codes of errors that pass by themselves: https://www.postgresql.org/docs/current/errcodes-appendix.html
_PASSING: Final = (
    "08",  # the connection
    "53",  # disk, memory, connections
    "57",  # broken off, shut down, starting
    "58",  # the system under it
    "40",  # deadlock, serialisation
    "55P03",  # a lock stays taken
)
# What is wrong with the installation, not with the unit of work.
_BROKEN: Final = ("XX", "25006", "28", "3D", "42501")
_TAKEN: Final = "55P03"

# One round trip; what it answers is the transaction's number, by which its fate can be asked for.
_BEGIN: Final = f"""
SELECT pg_current_xact_id()::text;
SET LOCAL lock_timeout = {_KNOCK_MS};
SELECT pg_advisory_xact_lock({WRITE_LOCK});
SET LOCAL lock_timeout = {_ROW_LOCK_MS}
"""
_AS_IT_STANDS: Final = {"no_parameters": True}


class PostgresDriver:
    """One server and database. A connection that breaks is made anew at its next use."""

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql+psycopg")
        self._writing = self._engine(_OPTIONS)
        self._reading = self._engine(f"{_OPTIONS} -c default_transaction_read_only=on", "REPEATABLE READ")
        self._run_lock: RunLock | None = None

    def _engine(self, options: str, isolation_level: IsolationLevel = "READ COMMITTED") -> Engine:
        engine = create_engine(
            self._url,
            poolclass=NullPool,
            isolation_level=isolation_level,
            use_native_hstore=False,
            connect_args={**_CONNECT, "options": options},
        )
        event.listen(engine, "connect", _be_quiet)
        return engine

    @property
    def url(self) -> str:
        """With its password: not for logs."""
        return self._url.render_as_string(hide_password=False)

    def __str__(self) -> str:
        return URL.create(
            "postgresql",
            username=self._url.username,
            host=self._url.host,
            port=self._url.port,
            database=self._url.database,
        ).render_as_string()

    def connect(self, *, is_writer: bool = False, is_reader: bool = False) -> Connection:
        """See `Driver`; every connection may write except a reader's."""
        del is_writer
        try:
            return (self._reading if is_reader else self._writing).connect()
        except (DBAPIError, psycopg.Error) as error:
            raise StorageBusyError(f"{self} cannot be reached: {_words(error)}") from error

    @contextmanager
    def transaction(
        self, connection: Connection, *, patience_s: float | Callable[[], float]
    ) -> Iterator[None]:
        """See `Driver`. READ COMMITTED is enough: with the lock held nobody else's commit comes in between."""
        held, number = self._begin(connection, patience_s)
        try:
            yield
            self._commit(held, number)
        except BaseException:
            _close(held)
            raise

    @contextmanager
    def snapshot(self, connection: Connection) -> Iterator[None]:
        """See `Driver`."""
        held = connection.begin()
        try:
            yield
        finally:
            _close(held)

    @contextmanager
    def translated(self) -> Iterator[None]:
        """See `Driver`."""
        try:
            yield
        except Exception as error:
            ours = self.translate(error)
            if ours is error:
                raise
            raise ours from error

    def translate(self, error: Exception, *, at_rest: bool = False) -> Exception:
        """See `Driver`."""
        if isinstance(error, PendingRollbackError):
            return StorageBusyError("the connection to the database broke")
        cause = error.orig if isinstance(error, DBAPIError) else error
        if not isinstance(cause, psycopg.Error):
            return error
        code = cause.sqlstate or ""
        is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
        if is_lost or code.startswith(_PASSING) or (not code and isinstance(cause, psycopg.OperationalError)):
            return StorageBusyError(_words(error))
        return StorageError(_words(error)) if at_rest or code.startswith(_BROKEN) else error

    def interrupt(self, connection: Connection) -> None:
        """See `Driver`."""
        if not connection.invalidated and not connection.closed:
            raw(connection).cancel_safe()

    def is_lost(self, connection: Connection) -> bool:
        """See `Driver`."""
        return connection.invalidated

    def finish(self, connection: Connection) -> None:
        """Nothing to tidy up."""

    def version(self, connection: Connection) -> str | None:
        """See `Driver`."""
        with self._asking(connection):
            if connection.exec_driver_sql("SELECT to_regclass('alembic_version')").scalar() is None:
                return None
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return None if found is None else str(found)

    def take_time(self, connection: Connection) -> None:
        """See `Driver`."""
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")

    def tidy(self, connection: Connection) -> None:
        """Have text compared and sorted by its bytes, as SQLite does, whatever the database's own language is."""
        wanted = connection.exec_driver_sql(_SORTED_BY_LANGUAGE, execution_options=_AS_IT_STANDS).all()
        for table, changes in wanted:
            connection.exec_driver_sql(f"ALTER TABLE {table} {changes}", execution_options=_AS_IT_STANDS)

    def exists(self) -> bool:
        """See `Driver`."""
        connection = self.connect()
        try:
            return self.version(connection) is not None
        finally:
            connection.close()

    def discard(self) -> None:
        """See `Driver`: the transaction took its tables along."""

    def process_lock(self) -> RunLock:
        """See `Driver`."""
        self._run_lock = RunLock(self)
        return self._run_lock

    def warn(self) -> None:
        """An old server, or one that forgets commits at a power cut."""
        connection = self.connect()
        try:
            with self._asking(connection):
                number = int(connection.exec_driver_sql("SHOW server_version_num").scalar() or 0)
                durable = connection.exec_driver_sql(
                    "SELECT current_setting('fsync') || ' ' || current_setting('synchronous_commit')"
                ).scalar()
        finally:
            connection.close()
        if number // 10_000 < _OLDEST:
            raise StorageError(f"{self} is PostgreSQL {number // 10_000}; Muster needs {_OLDEST} or later")
        if durable != "on on":
            log.warning("postgres_may_lose_commits", fsync_and_synchronous_commit=durable)

    @contextmanager
    def _asking(self, connection: Connection) -> Iterator[None]:
        try:
            with self.snapshot(connection):
                yield
        except (DBAPIError, psycopg.Error) as error:
            raise self.translate(error, at_rest=True) from error

    def _begin(
        self, connection: Connection, patience_s: float | Callable[[], float]
    ) -> tuple[RootTransaction, str]:
        begun_at = time.monotonic()
        has_reconnected = False
        if self._run_lock is not None and self._run_lock.is_due:
            self._run_lock.confirm()
        while True:
            held = connection.begin()
            try:
                return held, self._knock(connection)
            except (DBAPIError, psycopg.Error) as error:
                _close(held)
                waits_s = patience_s() if callable(patience_s) else patience_s
                is_late = time.monotonic() - begun_at >= waits_s
                if _code(error) == _TAKEN and not is_late:
                    continue
                if connection.invalidated and not has_reconnected:
                    has_reconnected = True  # the server was restarted; nothing was under way
                    self._confirm_run()
                    continue
                raise self.translate(error, at_rest=True) from error
            except BaseException:
                _close(held)
                raise

    def _confirm_run(self) -> None:
        if self._run_lock is not None:
            self._run_lock.confirm()

    def _knock(self, connection: Connection) -> str:
        """Wait for the lock a little; the transaction's number."""
        return str(connection.exec_driver_sql(_BEGIN, execution_options=_AS_IT_STANDS).scalar())

    def _commit(self, held: RootTransaction, number: str) -> None:
        if not held.is_active:
            raise StorageBusyError("the connection to the database broke")
        try:
            held.commit()
        except (DBAPIError, psycopg.Error) as error:
            if not self._was_kept(number, error):
                raise self.translate(error, at_rest=True) from error

    def _was_kept(self, number: str, error: Exception) -> bool:
        """Whether a commit whose answer was lost took place: the server remembers."""
        if not (isinstance(error, DBAPIError) and error.connection_invalidated):
            return False
        until = time.monotonic() + _FATE_S
        while time.monotonic() < until:
            with suppress(StorageError):
                fate = self._fate(number)
                if fate != "in progress":
                    log.warning("commit_without_answer", fate=fate)
                    return fate == "committed"
            time.sleep(0.1)
        return False

    def _fate(self, number: str) -> str | None:
        connection = self.connect()
        try:
            with self._asking(connection):
                asked = "SELECT pg_xact_status(CAST(%s AS xid8))"
                return connection.exec_driver_sql(asked, (number,)).scalar()
        finally:
            connection.close()


def raw(connection: Connection) -> psycopg.Connection[tuple[object, ...]]:
    """The driver's connection underneath."""
    return cast("psycopg.Connection[tuple[object, ...]]", connection.connection.driver_connection)


def _be_quiet(connection: psycopg.Connection[tuple[object, ...]], _: object) -> None:
    """A server's notices are for its own log."""
    connection.add_notice_handler(lambda _: None)


def _close(held: RootTransaction) -> None:
    """Roll back; a connection that broke has done so by itself."""
    with suppress(DBAPIError, psycopg.Error):
        held.close()


def _code(error: Exception) -> str | None:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return cause.sqlstate if isinstance(cause, psycopg.Error) else None


def _words(error: Exception) -> str:
    """What the server said, in one line; the statement and its values stay out of logs."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return " ".join(str(cause).split())[:300]


_SORTED_BY_LANGUAGE: Final = """
SELECT quote_ident(c.table_name),
       string_agg(format('ALTER COLUMN %I TYPE %s COLLATE "C"', c.column_name,
                         CASE WHEN c.character_maximum_length IS NULL THEN 'text'
                              ELSE format('varchar(%s)', c.character_maximum_length) END), ', ')
FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
  AND c.data_type IN ('text', 'character varying') AND c.collation_name IS NULL
GROUP BY c.table_name
"""
