"""Python, MySQL and SQLite write the same canonical text for every value of every type."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from admw_assets.core.canonical import HashSum, canonical_text
from admw_assets.core.schema import TypeKind
from tests.canonical.rendering import (
    database_engine,
    make_table,
    put_rows,
    render_in_database,
    render_with_python,
    sum_in_database,
)
from tests.canonical.samples import SAMPLES, Sample

bounded = settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.generate],  # to shrink batches of rows takes minutes
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
each_type = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)


@pytest.fixture
def connection(database_url: str) -> Iterator[sa.Connection]:
    engine = database_engine(database_url)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@each_type
def test_database_writes_the_texts_that_python_writes(
    sample: Sample, connection: sa.Connection
) -> None:
    columns, decimals = [sample.column], [sample.decimals]
    table = make_table(connection, columns)

    @bounded
    @given(st.lists(sample.texts, max_size=60))
    def agree(texts: list[str]) -> None:
        rows = [(text,) for text in (*sample.edges, None, *texts)]
        rendered = render_in_database(connection, table, columns, rows, decimals)
        assert rendered == render_with_python(columns, rows, decimals)

    agree()


@pytest.mark.parametrize(
    "sample",
    # The server prints only six digits of a FLOAT: a driver does not get the value.
    [sample for sample in SAMPLES if sample.column.type.kind is not TypeKind.FLOAT],
    ids=lambda sample: sample.name,
)
def test_values_read_by_the_driver_have_the_text_of_what_was_loaded(
    sample: Sample, connection: sa.Connection
) -> None:
    table = make_table(connection, [sample.column])
    put_rows(connection, table, [sample.column], [(text,) for text in sample.edges])
    rows = connection.exec_driver_sql("SELECT c0 FROM sample ORDER BY id").all()
    column_type, decimals = sample.column.type, sample.decimals
    assert [canonical_text(column_type, value, decimals) for (value,) in rows] == [
        canonical_text(column_type, text, decimals) for text in sample.edges
    ]


@bounded
@given(data=st.data())
def test_rows_of_all_types_have_the_same_hash_and_sum(
    data: st.DataObject, connection: sa.Connection
) -> None:
    columns = [sample.column for sample in SAMPLES]
    decimals = [sample.decimals for sample in SAMPLES]
    rows = data.draw(
        st.lists(
            st.tuples(*(st.none() | st.sampled_from(sample.edges) for sample in SAMPLES)),
            min_size=1,
            max_size=8,
        )
    )
    table = make_table(connection, columns)
    try:
        rendered = render_in_database(connection, table, columns, rows, decimals)
        assert rendered == render_with_python(columns, rows, decimals)
    finally:
        table.drop(connection)


def test_sum_of_stored_hashes_is_that_of_python(connection: sa.Connection) -> None:
    table = sa.Table("hashes", sa.MetaData(), sa.Column("hash", sa.CHAR(64)))
    table.create(connection)
    assert sum_in_database(connection, table.c.hash) == HashSum()
    hashes = ["F" * 64, "F" * 64, "0" * 64, "0123456789ABCDEF" * 4]
    connection.execute(sa.insert(table), [{"hash": digest} for digest in hashes])
    assert sum_in_database(connection, table.c.hash) == HashSum.of(hashes)
