"""Types: what each spelling means, and that a real server means the same."""

import pytest
from sqlalchemy import create_engine, text

from admw_assets.core.ddl import parse_schema
from admw_assets.core.errors import SchemaError
from admw_assets.core.schema import Column, ColumnType
from admw_assets.core.schema import TypeKind as K


def column(definition: str, options: str = "") -> Column:
    schema = parse_schema(f"CREATE TABLE t ({definition}) {options}")
    return schema.table("t").columns[0]


def integer(sql: str, minimum: int, maximum: int) -> ColumnType:
    return ColumnType(K.INTEGER, sql, minimum=minimum, maximum=maximum, unsigned="UNSIGNED" in sql)


TYPES = {
    "TINYINT": integer("TINYINT", -128, 127),
    "TINYINT(1)": integer("TINYINT(1)", -128, 127),
    "tinyint(1) unsigned zerofill": integer("TINYINT(1) UNSIGNED ZEROFILL", 0, 255),
    "INT1": integer("TINYINT", -128, 127),
    "SMALLINT(5) UNSIGNED": integer("SMALLINT(5) UNSIGNED", 0, 65535),
    "INT2": integer("SMALLINT", -32768, 32767),
    "MEDIUMINT": integer("MEDIUMINT", -8388608, 8388607),
    "MIDDLEINT UNSIGNED": integer("MEDIUMINT UNSIGNED", 0, 16777215),
    "INT3": integer("MEDIUMINT", -8388608, 8388607),
    "Integer": integer("INT", -(2**31), 2**31 - 1),
    "INT ZEROFILL": integer("INT UNSIGNED ZEROFILL", 0, 2**32 - 1),
    "INT SIGNED": integer("INT", -(2**31), 2**31 - 1),
    "INT8": integer("BIGINT", -(2**63), 2**63 - 1),
    "BIGINT(20) UNSIGNED": integer("BIGINT(20) UNSIGNED", 0, 2**64 - 1),
    "BOOL": ColumnType(K.BOOLEAN, "BOOLEAN"),
    "boolean": ColumnType(K.BOOLEAN, "BOOLEAN"),
    "BIT": ColumnType(K.BIT, "BIT(1)", length=1),
    "BIT(64)": ColumnType(K.BIT, "BIT(64)", length=64),
    "DECIMAL": ColumnType(K.DECIMAL, "DECIMAL(10, 0)", precision=10, scale=0),
    "DEC(7)": ColumnType(K.DECIMAL, "DECIMAL(7, 0)", precision=7, scale=0),
    "NUMERIC(65,30)": ColumnType(K.DECIMAL, "DECIMAL(65, 30)", precision=65, scale=30),
    "FIXED(5,2) UNSIGNED": ColumnType(
        K.DECIMAL, "DECIMAL(5, 2) UNSIGNED", precision=5, scale=2, unsigned=True
    ),
    "FLOAT": ColumnType(K.FLOAT, "FLOAT"),
    "FLOAT(24)": ColumnType(K.FLOAT, "FLOAT"),
    "FLOAT(25)": ColumnType(K.DOUBLE, "DOUBLE"),
    "FLOAT(7,3)": ColumnType(K.FLOAT, "FLOAT(7, 3)", precision=7, scale=3),
    "REAL": ColumnType(K.DOUBLE, "DOUBLE"),
    "DOUBLE PRECISION": ColumnType(K.DOUBLE, "DOUBLE"),
    "DOUBLE(10,4)": ColumnType(K.DOUBLE, "DOUBLE(10, 4)", precision=10, scale=4),
    "CHAR": ColumnType(K.CHAR, "CHAR(1)", length=1, character_set="utf8mb4"),
    "CHARACTER(255)": ColumnType(K.CHAR, "CHAR(255)", length=255, character_set="utf8mb4"),
    "VARCHAR(0)": ColumnType(K.VARCHAR, "VARCHAR(0)", length=0, character_set="utf8mb4"),
    "CHARACTER VARYING(9)": ColumnType(K.VARCHAR, "VARCHAR(9)", length=9, character_set="utf8mb4"),
    "NCHAR(3)": ColumnType(K.CHAR, "CHAR(3)", length=3, character_set="utf8mb3"),
    "NATIONAL CHAR(3)": ColumnType(K.CHAR, "CHAR(3)", length=3, character_set="utf8mb3"),
    "NATIONAL VARCHAR(3)": ColumnType(K.VARCHAR, "VARCHAR(3)", length=3, character_set="utf8mb3"),
    "NVARCHAR(3)": ColumnType(K.VARCHAR, "VARCHAR(3)", length=3, character_set="utf8mb3"),
    "VARCHAR(9) CHARACTER SET latin1 COLLATE latin1_bin": ColumnType(
        K.VARCHAR, "VARCHAR(9)", length=9, character_set="latin1", collation="latin1_bin"
    ),
    "VARCHAR(9) COLLATE latin1_bin": ColumnType(
        K.VARCHAR, "VARCHAR(9)", length=9, character_set="latin1", collation="latin1_bin"
    ),
    "VARCHAR(9) CHARSET latin1": ColumnType(
        K.VARCHAR, "VARCHAR(9)", length=9, character_set="latin1"
    ),
    "VARCHAR(9) BINARY": ColumnType(
        K.VARCHAR, "VARCHAR(9)", length=9, character_set="utf8mb4", collation="utf8mb4_bin"
    ),
    "CHAR(9) CHARACTER SET binary": ColumnType(K.BINARY, "BINARY(9)", length=9),
    "VARCHAR(9) CHARACTER SET binary": ColumnType(K.VARBINARY, "VARBINARY(9)", length=9),
    "TEXT CHARACTER SET binary": ColumnType(K.BLOB, "BLOB", length=65535),
    "TINYTEXT": ColumnType(K.TEXT, "TINYTEXT", length=255, character_set="utf8mb4"),
    "TEXT": ColumnType(K.TEXT, "TEXT", length=65535, character_set="utf8mb4"),
    "TEXT(60)": ColumnType(K.TEXT, "TINYTEXT", length=255, character_set="utf8mb4"),
    "TEXT(64)": ColumnType(K.TEXT, "TEXT", length=65535, character_set="utf8mb4"),
    "TEXT(70000)": ColumnType(K.TEXT, "MEDIUMTEXT", length=2**24 - 1, character_set="utf8mb4"),
    "LONG VARCHAR": ColumnType(K.TEXT, "MEDIUMTEXT", length=2**24 - 1, character_set="utf8mb4"),
    "MEDIUMTEXT": ColumnType(K.TEXT, "MEDIUMTEXT", length=2**24 - 1, character_set="utf8mb4"),
    "LONGTEXT": ColumnType(K.TEXT, "LONGTEXT", length=2**32 - 1, character_set="utf8mb4"),
    "BINARY": ColumnType(K.BINARY, "BINARY(1)", length=1),
    "BINARY(16)": ColumnType(K.BINARY, "BINARY(16)", length=16),
    "VARBINARY(16)": ColumnType(K.VARBINARY, "VARBINARY(16)", length=16),
    "TINYBLOB": ColumnType(K.BLOB, "TINYBLOB", length=255),
    "BLOB(256)": ColumnType(K.BLOB, "BLOB", length=65535),
    "MEDIUMBLOB": ColumnType(K.BLOB, "MEDIUMBLOB", length=2**24 - 1),
    "LONG VARBINARY": ColumnType(K.BLOB, "MEDIUMBLOB", length=2**24 - 1),
    "LONGBLOB": ColumnType(K.BLOB, "LONGBLOB", length=2**32 - 1),
    "DATE": ColumnType(K.DATE, "DATE"),
    "DATETIME": ColumnType(K.DATETIME, "DATETIME"),
    "DATETIME(6)": ColumnType(K.DATETIME, "DATETIME(6)", fraction=6),
    "TIMESTAMP(3) NULL": ColumnType(K.TIMESTAMP, "TIMESTAMP(3)", fraction=3),
    "TIME(1)": ColumnType(K.TIME, "TIME(1)", fraction=1),
    "YEAR": ColumnType(K.YEAR, "YEAR"),
    "YEAR(4)": ColumnType(K.YEAR, "YEAR"),
    "ENUM('a','b''c',\"d\",'e\\\\f ','g,)')": ColumnType(
        K.ENUM,
        r"ENUM('a', 'b''c', 'd', 'e\\f', 'g,)')",
        members=("a", "b'c", "d", "e\\f", "g,)"),
        character_set="utf8mb4",
    ),
    "SET('x','y')": ColumnType(K.SET, "SET('x', 'y')", members=("x", "y"), character_set="utf8mb4"),
}


@pytest.mark.parametrize("spelling", TYPES)
def test_type_is_read_with_its_bounds(spelling: str) -> None:
    assert column(f"c {spelling}", "DEFAULT CHARSET=utf8mb4").type == TYPES[spelling]


@pytest.mark.parametrize(
    ("options", "definition", "expected"),
    [
        ("", "VARCHAR(1)", (None, None)),
        ("CHARSET=latin1", "VARCHAR(1)", ("latin1", None)),
        ("COLLATE=latin1_bin", "VARCHAR(1)", ("latin1", "latin1_bin")),
        ("CHARSET utf8mb4 COLLATE utf8mb4_bin", "ENUM('a')", ("utf8mb4", "utf8mb4_bin")),
        ("CHARSET utf8mb4 COLLATE utf8mb4_bin", "TEXT CHARSET latin1", ("latin1", None)),
        ("CHARSET utf8mb4 COLLATE utf8mb4_bin", "INT", (None, None)),
        ("CHARSET utf8mb4 COLLATE utf8mb4_bin", "JSON", (None, None)),
        ("CHARSET=latin1", "CHAR(1) COLLATE utf8mb4_bin", ("utf8mb4", "utf8mb4_bin")),
    ],
)
def test_character_set_comes_from_column_or_table(
    options: str, definition: str, expected: tuple[str | None, str | None]
) -> None:
    found = column(f"c {definition}", options).type
    assert (found.character_set, found.collation) == expected


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ("c POINT", "spatial type POINT"),
        ("c GEOMETRY NOT NULL SRID 4326", "spatial type GEOMETRY"),
        ("c UUID", "'UUID', which is none of MySQL's"),
        ("c CLOB", "'CLOB', which is none of MySQL's"),
        ("c", "has no type"),
        ("c NOT NULL", "'NOT', which is none of MySQL's"),
        ("c VARCHAR", "VARCHAR without a length"),
        ("c VARBINARY", "VARBINARY without a length"),
        ("c CHAR(256)", "0 to 255, not 256"),
        ("c DECIMAL(66)", "1 to 65, not 66"),
        ("c DECIMAL(5,6)", "0 to 5, not 6"),
        ("c DATETIME(7)", "0 to 6, not 7"),
        ("c BIT(65)", "1 to 64, not 65"),
        ("c FLOAT(54)", "0 to 53, not 54"),
        ("c DOUBLE(5)", "DOUBLE(5), which MySQL does not know"),
        ("c DATE(3)", "DATE(3), which MySQL does not know"),
        ("c YEAR(2)", "YEAR(2), which MySQL does not know"),
        ("c INT(x)", "which is no number"),
        ("c ENUM", "list the members"),
        ("c ENUM(1,2)", "list the members"),
        ("c ENUM('a','a ')", "a member of ENUM twice"),
        ("c SET('a,b')", "with a comma in one"),
    ],
)
def test_type_that_cannot_be_loaded_is_refused_by_name(definition: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        column(f"id INT,\n{definition}")
    assert message in caught.value.message
    assert caught.value.message.startswith("schema.sql, line 2: table 't'")
    assert "column 'c'" in caught.value.message
    assert caught.value.next_step


def test_real_server_gives_the_columns_the_same_bounds(mysql_url: str) -> None:
    body = ", ".join(f"c{number} {spelling}" for number, spelling in enumerate(TYPES))
    schema = parse_schema(f"CREATE TABLE t ({body}) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin")
    table = schema.table("t")
    engine = create_engine(mysql_url)
    with engine.begin() as connection:
        connection.execute(text(table.ddl.replace(":", r"\:")))
        rows = connection.execute(
            text(
                "SELECT column_name, data_type, character_maximum_length, numeric_precision,"
                " numeric_scale, datetime_precision, column_type, character_set_name"
                " FROM information_schema.columns"
                " WHERE table_schema = DATABASE() AND table_name = 't' ORDER BY ordinal_position"
            )
        ).all()
    engine.dispose()
    assert len(rows) == len(table.columns)
    for row, ours in zip(rows, table.columns, strict=True):
        name, data_type, length, precision, scale, fraction, column_type, character_set = row
        kind = "tinyint" if ours.type.kind is K.BOOLEAN else data_type
        where = (name, ours.type, tuple(row))
        assert ours.type.sql.lower().startswith(kind) or ours.type.kind is K.BOOLEAN, where
        if ours.type.kind in (K.CHAR, K.VARCHAR, K.TEXT, K.BINARY, K.VARBINARY, K.BLOB):
            assert ours.type.length == length, where
        if ours.type.kind is K.DECIMAL:
            assert (ours.type.precision, ours.type.scale) == (precision, scale), where
        if ours.type.kind is K.BIT:
            assert ours.type.length == precision, where
        if ours.type.kind in (K.DATETIME, K.TIMESTAMP, K.TIME):
            assert ours.type.fraction == fraction, where
        if ours.type.kind in (K.INTEGER, K.DECIMAL):
            assert ours.type.unsigned == ("unsigned" in column_type), where
        if character_set is not None:
            assert ours.type.character_set == character_set, where
