"""Tables, keys and foreign keys from scripts as people and dump programs write them."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest
import sqlglot
from sqlalchemy import create_engine, text

from admw_assets.core.ddl import parse_schema
from admw_assets.core.errors import SchemaError
from admw_assets.core.schema import ForeignKey, Table, UniqueKey

SCHEMAS = Path(__file__).parent / "schemas"


def table(sql: str, name: str = "t") -> Table:
    return parse_schema(sql).table(name)


def keys(sql: str) -> tuple[UniqueKey, ...]:
    return table(sql).unique_keys


# ---------------------------------------------------------------- golden pairs


@pytest.mark.parametrize("name", sorted(path.stem for path in SCHEMAS.glob("*.sql")))
def test_script_is_read_as_expected(name: str) -> None:
    """ADMW_REGENERATE=1 writes the expected files anew."""
    schema = parse_schema((SCHEMAS / f"{name}.sql").read_text())
    found = {
        "tables": {t.name: asdict(t) for t in schema.tables.values()},
        "alterations": schema.alterations,
        "notes": schema.notes,
    }
    for entry in found["tables"].values():
        for column in entry["columns"]:
            column["type"] = {k: v for k, v in column["type"].items() if v is not None and v != ()}
    rendered = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    expected = SCHEMAS / f"{name}.expected.json"
    if os.environ.get("ADMW_REGENERATE"):
        expected.write_text(rendered)
    assert rendered == expected.read_text()


@pytest.mark.parametrize("name", sorted(path.stem for path in SCHEMAS.glob("*.sql")))
def test_ddl_is_its_own_normal_form(name: str) -> None:
    schema = parse_schema((SCHEMAS / f"{name}.sql").read_text())
    again = parse_schema(";\n".join(t.ddl for t in schema.tables.values()))
    for before, after in zip(schema.tables.values(), again.tables.values(), strict=True):
        assert after.ddl == before.ddl
        assert sqlglot.parse_one(before.ddl, dialect="mysql").sql("mysql") == before.ddl


def test_openflights_schema(openflights: Path) -> None:
    schema = parse_schema((openflights / "schema.sql").read_text())
    assert list(schema.tables) == [
        "COUNTRY", "PLANE", "AIRPORT", "AIRLINE", "ROUTE", "ROUTE_EQUIPMENT",
    ]  # fmt: skip
    assert [len(t.columns) for t in schema.tables.values()] == [3, 4, 14, 8, 9, 3]
    assert schema.table("route_equipment").primary_key == ("id_route", "position")
    assert [k.parent for k in schema.table("ROUTE").foreign_keys] == [
        "AIRLINE", "AIRPORT", "AIRPORT",
    ]  # fmt: skip
    assert len(schema.alterations) == 4
    assert schema.notes == ()


def test_real_server_takes_ddl_and_alterations(mysql_url: str) -> None:
    schema = parse_schema((SCHEMAS / "dump.sql").read_text())
    engine = create_engine(mysql_url)
    with engine.begin() as connection:
        connection.execute(text("SET foreign_key_checks = 0"))
        for entry in schema.tables.values():
            connection.execute(text(entry.ddl.replace(":", r"\:")))
        for _, alteration in schema.alterations:
            connection.execute(text(alteration))
        found = connection.execute(
            text(
                "SELECT table_name, constraint_name, constraint_type"
                " FROM information_schema.table_constraints"
                " WHERE table_schema = DATABASE() AND constraint_type <> 'CHECK'"
            )
        ).all()
    engine.dispose()
    ours = [
        *((t.name, "PRIMARY", "PRIMARY KEY") for t in schema.tables.values() if t.primary_key),
        *((t.name, k.name, "UNIQUE") for t in schema.tables.values() for k in t.unique_keys),
        *((t.name, k.name, "FOREIGN KEY") for t in schema.tables.values() for k in t.foreign_keys),
    ]
    assert sorted(map(tuple, found)) == sorted(ours)


# ---------------------------------------------------------------- columns


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE t (a INT) ENGINE=MyISAM ROW_FORMAT=FIXED",
        "CREATE TABLE t (a INT) ENGINE = `Aria`",
        "CREATE TABLE t (a INT); ALTER TABLE t ENGINE=MEMORY",
    ],
)
def test_table_without_transactions_is_made_with_innodb(script: str) -> None:
    schema = parse_schema(script)
    assert schema.table("t").ddl.endswith("ENGINE=InnoDB")
    assert "has no transactions" in " ".join(schema.notes)


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("c INT", {"nullable": True, "default": None}),
        ("c INT NULL DEFAULT NULL", {"nullable": True, "default": "NULL"}),
        ("c INT NOT NULL DEFAULT -1", {"nullable": False, "default": "-1"}),
        ("c VARCHAR(9) DEFAULT 'it''s'", {"default": "'it''s'"}),
        ("c VARCHAR(9) DEFAULT ''", {"default": "''"}),
        ("c BIT(3) DEFAULT b'101'", {"default": "b'101'"}),
        ("c INT DEFAULT (1 + 2)", {"default": "(1 + 2)"}),
        ("c DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)",
         {"default": "CURRENT_TIMESTAMP(3)"}),
        ("c INT AUTO_INCREMENT PRIMARY KEY", {"auto_increment": True, "nullable": False}),
        ("c INT KEY", {"nullable": False}),
        ("c SERIAL", {"auto_increment": True, "nullable": False}),
        ("c INT SERIAL DEFAULT VALUE", {"auto_increment": True, "nullable": False}),
        ("c INT GENERATED ALWAYS AS (1 + 1) STORED", {"generated": True}),
        ("c INT AS (1 + 1)", {"generated": True}),
        ("c INT AS (1 + 1) PERSISTENT", {"generated": True}),
        ("c INT COMMENT 'it''s'", {"comment": "it's", "pii": False}),
        ("c INT COMMENT 'PII: name'", {"pii": True}),
        ("c INT COMMENT 'happiily'", {"pii": False}),
        ("c INT DEFAULT 5 /* pii */", {"pii": True}),
        ("c INT COLUMN_FORMAT FIXED STORAGE DISK NOT NULL", {"nullable": False}),
        ("c INT INVISIBLE", {"nullable": True}),
    ],
)  # fmt: skip
def test_column_attributes(definition: str, expected: dict[str, object]) -> None:
    column = table(f"CREATE TABLE t ({definition})").columns[0]
    assert {name: getattr(column, name) for name in expected} == expected


def test_comment_marks_the_column_in_its_line() -> None:
    script = """CREATE TABLE t (
      a INT, -- pii
      b INT,
      -- pii: the next one
      c INT,
      d INT, e INT /* pii */,
      f INT -- pii
    )"""
    assert [c.name for c in table(script).columns if c.pii] == ["a", "c", "e", "f"]


@pytest.mark.parametrize("name", ["Key", "ORDER", "a b-c", "a`b", "é", "x" * 64, "national", "1a"])
def test_any_name_survives(name: str) -> None:
    quoted = "`" + name.replace("`", "``") + "`"
    found = table(f"CREATE TABLE {quoted} ({quoted} INT, PRIMARY KEY ({quoted}))", name)
    assert (found.name, found.columns[0].name, found.primary_key) == (name, name, (name,))
    assert table(found.ddl, name) == found


def test_unquoted_words_can_be_names() -> None:
    found = table("create table T (date DATE, national VARCHAR(3), point INT, comment TEXT)")
    assert [c.name for c in found.columns] == ["date", "national", "point", "comment"]


def test_generated_columns_are_not_loaded() -> None:
    found = table("CREATE TABLE t (a INT, b INT AS (a * 2) VIRTUAL, c INT)")
    assert [c.name for c in found.loaded_columns] == ["a", "c"]


def test_real_and_int8_are_not_narrowed_in_ddl() -> None:
    ddl = table("CREATE TABLE t (a REAL, b INT8, c LONG)").ddl
    assert ddl == "CREATE TABLE `t` (`a` DOUBLE, `b` BIGINT, `c` MEDIUMTEXT)"


def test_unsigned_float_becomes_a_check_and_a_note() -> None:
    schema = parse_schema("CREATE TABLE t (a FLOAT UNSIGNED NOT NULL)")
    assert schema.table("t").columns[0].type.unsigned
    assert schema.table("t").ddl == "CREATE TABLE `t` (`a` FLOAT NOT NULL CHECK (`a` >= 0))"
    assert "FLOAT UNSIGNED is deprecated" in schema.notes[0]


# ---------------------------------------------------------------- keys


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a INT PRIMARY KEY, b INT", ("a",)),
        ("a INT, b INT, PRIMARY KEY (b, A)", ("b", "a")),
        ("a INT, b INT, PRIMARY KEY USING BTREE (a DESC, b ASC)", ("a", "b")),
        ("a INT, b INT, CONSTRAINT pk PRIMARY KEY (a) USING BTREE", ("a",)),
        ("a INT, b INT, CONSTRAINT PRIMARY KEY (a)", ("a",)),
        ("a VARCHAR(99), b INT, PRIMARY KEY (a(10))", ("a",)),
        ("a INT, b INT", ()),
    ],
)
def test_primary_key(body: str, expected: tuple[str, ...]) -> None:
    found = table(f"CREATE TABLE t ({body})")
    assert found.primary_key == expected
    assert {c.name for c in found.columns if not c.nullable} == set(expected)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("UNIQUE (a)", ("a", ("a",))),
        ("UNIQUE (A, b)", ("a", ("a", "b"))),
        ("UNIQUE k (a)", ("k", ("a",))),
        ("UNIQUE KEY k (a)", ("k", ("a",))),
        ("UNIQUE INDEX `k` USING BTREE (a)", ("k", ("a",))),
        ("UNIQUE KEY k (a DESC, b(3)) USING HASH COMMENT 'x'", ("k", ("a", "b"))),
        ("CONSTRAINT k UNIQUE (a)", ("k", ("a",))),
        ("CONSTRAINT UNIQUE KEY k (a)", ("k", ("a",))),
    ],
)
def test_unique_key(key: str, expected: tuple[str, tuple[str, ...]]) -> None:
    assert keys(f"CREATE TABLE t (a INT, b VARCHAR(9), {key})") == (UniqueKey(*expected),)


def test_unnamed_unique_keys_get_names_as_mysql_gives_them() -> None:
    found = keys("CREATE TABLE t (a INT UNIQUE, b INT, UNIQUE (a, b), UNIQUE (b))")
    assert found == (
        UniqueKey("a", ("a",)),
        UniqueKey("a_2", ("a", "b")),
        UniqueKey("b", ("b",)),
    )


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE UNIQUE INDEX u ON t (a, b)",
        "create unique index u using btree on `db`.`T` (`a`, b desc) comment 'x'",
        "ALTER TABLE t ADD UNIQUE KEY u (a, b)",
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE (a, b), ADD INDEX i (b), ADD FULLTEXT (c)",
    ],
)
def test_unique_key_in_a_later_statement(statement: str) -> None:
    found = table(f"CREATE TABLE t (a INT, b INT, c TEXT); {statement}")
    assert found.unique_keys == (UniqueKey("u", ("a", "b")),)
    assert "UNIQUE" in found.ddl


def test_dump_style_alterations_become_part_of_the_table() -> None:
    found = table(
        """CREATE TABLE t (id INT NOT NULL, a INT);
        ALTER TABLE `t` ADD PRIMARY KEY (`id`), ADD KEY k (a);
        ALTER TABLE t MODIFY `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, AUTO_INCREMENT=7;
        ALTER TABLE t ADD COLUMN b INT AFTER id, ADD (c INT, d INT), ADD e INT FIRST;
        ALTER TABLE t CHANGE a A BIGINT;
        ALTER TABLE t DISABLE KEYS"""
    )
    assert found.primary_key == ("id",)
    assert [c.name for c in found.columns] == ["e", "id", "b", "A", "c", "d"]
    assert found.column("id").auto_increment
    assert found.column("id").type.unsigned
    assert found.column("a").type.sql == "BIGINT"
    assert found.ddl == (
        "CREATE TABLE `t` (`e` INT, `id` INT UNSIGNED NOT NULL AUTO_INCREMENT, `b` INT, "
        "`A` BIGINT, `c` INT, `d` INT, PRIMARY KEY (`id`), INDEX `k` (`a`))"
    )


def test_modified_column_keeps_its_inline_key() -> None:
    found = table("CREATE TABLE t (a INT PRIMARY KEY, b INT UNIQUE); ALTER TABLE t MODIFY a BIGINT")
    assert found.primary_key == ("a",)
    assert found.unique_keys == (UniqueKey("b", ("b",)),)


def test_keys_over_parts_and_expressions_are_noted() -> None:
    schema = parse_schema(
        "CREATE TABLE t (a VARCHAR(99), UNIQUE KEY p (a(5)), UNIQUE KEY f ((lower(a))))"
    )
    assert schema.table("t").unique_keys == (UniqueKey("p", ("a",)),)
    assert len(schema.notes) == 2


# ---------------------------------------------------------------- foreign keys

PARENT = "CREATE TABLE p (id INT PRIMARY KEY, b INT);"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("CONSTRAINT fk FOREIGN KEY (a) REFERENCES p (id)", "fk"),
        ("CONSTRAINT `fk` FOREIGN KEY ix (`A`) REFERENCES `db`.`P` (`ID`) ON DELETE CASCADE", "fk"),
        ("FOREIGN KEY (a) REFERENCES p (id) ON UPDATE SET NULL", "t_ibfk_1"),
        ("FOREIGN KEY ix (a) REFERENCES p (id)", "t_ibfk_1"),
        ("CONSTRAINT FOREIGN KEY (a) REFERENCES p (id) MATCH FULL", "t_ibfk_1"),
    ],
)
def test_foreign_key(key: str, name: str) -> None:
    expected = (ForeignKey(name, ("a",), "p", ("id",)),)
    inside = parse_schema(f"{PARENT} CREATE TABLE t (a INT, {key})")
    assert inside.table("t").foreign_keys == expected
    assert inside.alterations == ()
    assert f"CONSTRAINT `{name}` FOREIGN KEY (`" in inside.table("t").ddl
    later = parse_schema(f"{PARENT} CREATE TABLE t (a INT); ALTER TABLE db.t ADD {key}")
    assert later.table("t").foreign_keys == expected
    assert later.table("t").ddl == "CREATE TABLE `t` (`a` INT)"
    ((owner, sql),) = later.alterations
    assert owner == "t"
    assert sql.startswith(f"ALTER TABLE `t` ADD CONSTRAINT `{name}` FOREIGN KEY (`")
    assert "REFERENCES `p` (`" in sql


def test_unnamed_foreign_keys_are_numbered_around_taken_names() -> None:
    script = """CREATE TABLE t (a INT, b INT, CONSTRAINT T_IBFK_2 FOREIGN KEY (a) REFERENCES p (id),
      FOREIGN KEY (a) REFERENCES p (id)); ALTER TABLE t ADD FOREIGN KEY (b) REFERENCES p (b)"""
    names = [key.name for key in table(PARENT + script).foreign_keys]
    assert names == ["T_IBFK_2", "t_ibfk_1", "t_ibfk_3"]


def test_generated_name_fits_where_the_table_name_is_long() -> None:
    name = "t" * 64
    found = table(f"{PARENT} CREATE TABLE {name} (a INT, FOREIGN KEY (a) REFERENCES p (id))", name)
    assert found.foreign_keys[0].name == "t" * 57 + "_ibfk_1"


def test_parent_may_come_later_and_cycles_are_fine() -> None:
    schema = parse_schema(
        """CREATE TABLE a (id INT PRIMARY KEY, b INT,
          CONSTRAINT ab FOREIGN KEY (b) REFERENCES B (id));
        CREATE TABLE b (id INT PRIMARY KEY, a INT, CONSTRAINT ba FOREIGN KEY (a) REFERENCES a (id),
          CONSTRAINT bb FOREIGN KEY (id) REFERENCES b (id));"""
    )
    assert [k.parent for t in schema.tables.values() for k in t.foreign_keys] == ["b", "a", "b"]


def test_inline_references_are_ignored_and_noted() -> None:
    schema = parse_schema(
        f"{PARENT}\nCREATE TABLE t (\n a INT NOT NULL REFERENCES p (id) ON DELETE CASCADE)"
    )
    assert schema.table("t").foreign_keys == ()
    assert "REFERENCES" not in schema.table("t").ddl
    assert schema.notes[0].startswith("schema.sql, line 3: column 'a' of table 't': REFERENCES")


# ---------------------------------------------------------------- what is no table


def test_whatever_is_no_table_becomes_a_note() -> None:
    schema = parse_schema((SCHEMAS / "everything.sql").read_text())
    assert list(schema.tables) == ["a", "b"]
    notes = "\n".join(schema.notes)
    for label in (
        "SET", "CREATE DATABASE shop", "USE", "DROP TABLE", "INSERT", "CREATE VIEW shop.v",
        "CREATE PROCEDURE p", "CREATE TRIGGER trg", "CREATE TEMPORARY TABLE", "GRANT", "LOCK",
    ):  # fmt: skip
        assert f": {label} is no table and was skipped" in notes


def test_not_enforced_check_is_left_out() -> None:
    found = table(
        "CREATE TABLE t (a INT CONSTRAINT x CHECK (a > (0)) NOT ENFORCED NOT NULL,"
        " CONSTRAINT c CHECK (a < 5) NOT ENFORCED, CHECK (a <> 3) ENFORCED)"
    )
    assert found.ddl == "CREATE TABLE `t` (`a` INT NOT NULL, CHECK (`a` <> 3))"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("", "holds no CREATE TABLE"),
        ("SELECT 1", "holds no CREATE TABLE"),
        ("CREATE TABLE t (a INT", "never closed"),
        ("CREATE TABLE t", "does not write out its columns"),
        ("CREATE TABLE t ()", "does not write out its columns"),
        ("CREATE TABLE t LIKE s", "does not write out its columns"),
        ("CREATE TABLE t (LIKE s)", "does not write out its columns"),
        ("CREATE TABLE t AS SELECT 1", "does not write out its columns"),
        ("CREATE TABLE t (a INT) AS SELECT 1", "does not write out its columns"),
        ("CREATE TABLE t (a INT,)", "empty place between its commas"),
        ("CREATE TABLE t (a INT, 'b' INT)", "begins with"),
        ("CREATE TABLE t (a INT WHATEVER)", "this is not understood: `a` INT WHATEVER"),
        ("CREATE TABLE t (a INT, UNIQUE (a) WHATEVER)", "this is not understood: UNIQUE (a)"),
        ("CREATE TABLE t (a INT, CONSTRAINT x (a))", "has a constraint that reads"),
        ("CREATE TABLE t (PRIMARY KEY (a))", "has no column"),
        ("CREATE TABLE t (a INT) WHATEVER=1", "the table option 'WHATEVER'"),
        ("CREATE TABLE t (a INT, A INT)", "two columns are called 'A'"),
        ("CREATE TABLE t (a INT); CREATE TABLE x.T (b INT)", "was already created in line 1"),
        ("CREATE TABLE t (admw_x INT)", "'admw_x' begins with 'admw_'"),
        ("CREATE TABLE t (ADMW_ORIGIN_FILE_NAME INT)", "begins with 'admw_'"),
        ("CREATE TABLE admw_t (a INT)", "'admw_t' begins with 'admw_'"),
        (f"CREATE TABLE {'t' * 65} (a INT)", "has 65 characters"),
        (f"CREATE TABLE t ({'a' * 65} INT)", "has 65 characters"),
        ("CREATE TABLE t (a INT PRIMARY KEY, PRIMARY KEY (a))", "two primary keys"),
        ("CREATE TABLE t (a INT, PRIMARY KEY (b))", "column 'b', which table 't' does not have"),
        ("CREATE TABLE t (a INT, UNIQUE (b))", "column 'b', which table 't' does not have"),
        ("CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES p (id))", "'p', which is not in the"),
        ("CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES t)", "names no columns"),
        ("CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES t (b))", "column 'b'"),
        ("CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES t (a, a))", "1 columns here and 2"),
        ("CREATE TABLE t (a INT, CONSTRAINT f FOREIGN KEY (a) REFERENCES t (a),"
         " CONSTRAINT F FOREIGN KEY (a) REFERENCES t (a))", "has the name of one in line 1"),
        ("ALTER TABLE t ADD PRIMARY KEY (a)", "no CREATE TABLE before it"),
        ("CREATE TABLE t (a INT); ALTER TABLE t DROP COLUMN a", "does not follow: 'DROP COLUMN a'"),
        ("CREATE TABLE t (a INT); ALTER TABLE t RENAME TO u", "does not follow"),
        ("CREATE TABLE t (a INT); ALTER TABLE t CHANGE a b INT", "does not follow"),
        ("CREATE TABLE t (a INT); ALTER TABLE t MODIFY b INT", "has no column 'b'"),
        ("CREATE TABLE t (a INT); RENAME TABLE t TO u", "changes a table after it was made"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_line_and_next_step(script: str, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        parse_schema(script, "target.sql")
    assert message in caught.value.message
    assert caught.value.message.startswith("target.sql")
    assert caught.value.context["file"] == "target.sql"
    assert caught.value.next_step


def test_error_names_the_line_of_the_column() -> None:
    with pytest.raises(SchemaError, match=r"^schema\.sql, line 4: table 't': .*`b` INT NONSENSE"):
        parse_schema("\n\nCREATE TABLE t (a INT,\n  b INT NONSENSE,\n c INT)")
