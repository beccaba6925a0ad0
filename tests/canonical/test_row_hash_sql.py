"""Row hashes as SQL: whatever the session, the table or the other side of a comparison."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from admw_assets.core.canonical import canonical_text, row_hash
from admw_assets.core.errors import ConfigurationError
from admw_assets.core.schema import Column, ColumnType, TypeKind
from admw_assets.engines.database.canonical import canonical_for, shown_sql
from tests.canonical.rendering import (
    database_engine,
    make_table,
    put_rows,
    render_in_database,
    render_with_python,
)
from tests.canonical.samples import SAMPLES
from tests.mariadb_server import MariaDbServer

VARCHAR = ColumnType(TypeKind.VARCHAR, "VARCHAR(40)", length=40)
TEXT_COLUMN = Column("text", VARCHAR)
HOSTILE_MODES = "PAD_CHAR_TO_FULL_LENGTH,ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES"


@pytest.fixture
def connection(database_url: str) -> Iterator[sa.Connection]:
    engine = database_engine(database_url)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.mark.parametrize(
    "setting",
    [
        f"sql_mode = '{HOSTILE_MODES}'",
        "collation_connection = 'utf8mb4_unicode_ci'",
        "NAMES latin1",
    ],
)
def test_hashes_do_not_depend_on_the_session(mysql_url: str, setting: str) -> None:
    columns, decimals = [s.column for s in SAMPLES], [s.decimals for s in SAMPLES]
    rows = [tuple(s.edges[number % len(s.edges)] for s in SAMPLES) for number in range(20)]
    engine = database_engine(mysql_url)
    with engine.connect() as connection:
        table = make_table(connection, columns)
        expected = render_with_python(columns, rows, decimals)
        assert render_in_database(connection, table, columns, rows, decimals) == expected
        values = [table.c[f"c{i}"] for i in range(len(columns))]
        cells = list(zip(columns, values, decimals, strict=True))
        hashes = canonical_for("mysql").row_hash_sql(cells)
        connection.exec_driver_sql(f"SET {setting}")
        found = connection.scalars(sa.select(hashes).order_by(table.c.id)).all()
        assert found == [digest for _, digest in expected]
    engine.dispose()


@pytest.mark.parametrize(
    "kept",
    ["CHARACTER SET ascii COLLATE ascii_bin", "CHARACTER SET ascii", "COLLATE utf8mb4_bin", ""],
)
def test_hash_compares_with_a_stored_one_of_any_character_set(mysql_url: str, kept: str) -> None:
    engine = database_engine(mysql_url)
    with engine.begin() as connection:
        put_rows(
            connection,
            make_table(connection, [TEXT_COLUMN]),
            [TEXT_COLUMN],
            [("ä",), ("b",), (None,)],
        )
        connection.exec_driver_sql(f"ALTER TABLE sample ADD kept CHAR(64) {kept}")
        table = sa.table("sample", sa.column("c0"), sa.column("kept"))
        computed = canonical_for("mysql").row_hash_sql([(TEXT_COLUMN, table.c.c0, None)])
        connection.execute(sa.update(table).values(kept=computed))
        same = sa.select(sa.func.count()).select_from(table).where(computed == table.c.kept)
        assert connection.scalar(same) == 3
    engine.dispose()


@pytest.fixture
def small_packets(mariadb: MariaDbServer) -> Iterator[None]:
    """New sessions may make texts of 1 MiB at most."""
    mariadb.execute("SET @@GLOBAL.max_allowed_packet = 1048576")
    yield
    mariadb.execute("SET @@GLOBAL.max_allowed_packet = DEFAULT")


def test_row_that_the_server_cannot_write_out_has_no_hash(
    small_packets: None, mysql_url: str
) -> None:
    column = Column("value", ColumnType(TypeKind.BLOB, "LONGBLOB"))
    engine = database_engine(mysql_url)
    with engine.begin() as connection:
        table = make_table(connection, [column])
        put_rows(connection, table, [column], [(None,), ("00",)])
        long = sa.func.repeat("a", 600_000)  # its hex digits are beyond 1 MiB
        connection.execute(sa.update(table).values(c0=long).where(table.c.id == 1))
        hashes = canonical_for("mysql").row_hash_sql([(column, table.c.c0, None)])
        found = connection.scalars(sa.select(hashes).order_by(table.c.id)).all()
    engine.dispose()
    assert found == [row_hash([None]), ""]


def test_rows_of_more_columns_than_a_function_takes_are_hashed(connection: sa.Connection) -> None:
    columns = [Column(f"c{i}", ColumnType(TypeKind.TEXT, "TEXT")) for i in range(250)]
    row = [None if i % 7 == 0 else f"{i}\0 é" for i in range(250)]
    table = make_table(connection, columns)
    put_rows(connection, table, columns, [row])
    builders = canonical_for(connection.dialect.name)
    cells = [(column, table.c[f"c{i}"], None) for i, column in enumerate(columns)]
    assert connection.scalar(sa.select(builders.row_hash_sql(cells))) == row_hash(row)


def test_encodings_differ_where_collations_see_no_difference(connection: sa.Connection) -> None:
    table = make_table(connection, [TEXT_COLUMN])
    put_rows(connection, table, [TEXT_COLUMN], [("x",), ("x ",), ("X",), ("",), (None,)])
    encoded = canonical_for(connection.dialect.name).encoded_sql(TEXT_COLUMN, table.c.c0)
    other = table.alias()
    other_encoded = canonical_for(connection.dialect.name).encoded_sql(TEXT_COLUMN, other.c.c0)
    pairs = (
        sa.select(sa.func.count())
        .where(encoded == other_encoded)
        .select_from(table)
        .join(other, sa.true())
    )
    assert connection.scalar(pairs) == 5


@pytest.mark.parametrize(
    ("kind", "stored", "other"), [("FLOAT", 16777215.0, 16777214.0), ("DOUBLE", 0.3, 0.1 + 0.2)]
)
def test_last_bit_of_a_float_shows(
    connection: sa.Connection, kind: str, stored: float, other: float
) -> None:
    column = Column("value", ColumnType(TypeKind(kind.lower()), kind))
    rows = [(repr(stored),), (repr(other),)]
    table = make_table(connection, [column])
    (_, first), (_, second) = render_in_database(connection, table, [column], rows, [None])
    assert first != second


def test_values_are_shown_as_people_write_them(connection: sa.Connection) -> None:
    double = Column("value", ColumnType(TypeKind.DOUBLE, "DOUBLE"))
    date = Column("day", ColumnType(TypeKind.DATE, "DATE"))
    table = make_table(connection, [double, date])
    put_rows(connection, table, [double, date], [("0.1", "2024-02-29")])
    dialect = connection.dialect.name
    shown = [shown_sql(dialect, double, table.c.c0), shown_sql(dialect, date, table.c.c1)]
    assert tuple(connection.execute(sa.select(*shown)).one()) == ("0.1", "2024-02-29")


@pytest.mark.parametrize(
    ("column_type", "right", "wrong"),
    [
        (ColumnType(TypeKind.INTEGER, "INT"), 1, "one"),
        (ColumnType(TypeKind.INTEGER, "INT"), 1, 1.5),
        (ColumnType(TypeKind.DECIMAL, "DECIMAL(9, 2)", scale=2), "1.50", "1.5"),
        (ColumnType(TypeKind.DATE, "DATE"), "2024-02-29", "29.2.2024"),
        (ColumnType(TypeKind.VARCHAR, "VARCHAR(9)"), "x", b"x"),
        (ColumnType(TypeKind.DOUBLE, "DOUBLE"), 1.5, "x"),
        (ColumnType(TypeKind.BLOB, "BLOB"), b"\xff", "no hex"),
    ],
)
def test_sqlite_hashes_values_of_a_wrong_type_as_altered(
    sqlite_url: str, column_type: ColumnType, right: object, wrong: object
) -> None:
    column = Column("value", column_type)
    engine = database_engine(sqlite_url)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE loose (value)")  # no affinity: kept as given
        for value in (right, wrong):
            connection.exec_driver_sql("INSERT INTO loose VALUES (?)", (value,))
        hashes = canonical_for("sqlite").row_hash_sql([(column, sa.column("value"), None)])
        first, second = connection.scalars(sa.select(hashes).select_from(sa.table("loose")))
    engine.dispose()
    assert first == row_hash([canonical_text(column_type, right)])
    assert second != first


def test_unknown_database_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="'oracle'"):
        canonical_for("oracle")
