"""The fields of single records, and records with other fields."""

import pytest

from admw_assets.core.configuration import FileFormat
from admw_assets.engines.files.record_fields import RecordFields

ESCAPED = FileFormat(escape="\\")
PLAIN = FileFormat(quote=None, delimiter="|", null_marker="NULL")


@pytest.mark.parametrize(
    ("file_format", "record", "texts"),
    [
        (FileFormat(), b'1,"a ""b"", c",,""', ["1", 'a "b", c', None, ""]),
        (FileFormat(), b'1,a "b",', ["1", 'a "b"', None]),
        (FileFormat(), b'"1\n2",x', ["1\n2", "x"]),
        (FileFormat(), b'"1" 2,x', None),
        (FileFormat(), b'"never closed,x', None),
        (ESCAPED, b'"a \\" \\\\",b', ['a " \\', "b"]),
        (PLAIN, b'"a"|NULL|', ['"a"', None, ""]),
        (FileFormat(encoding="cp1252"), b"M\xfcller,\x80", ["Müller", "€"]),
        (FileFormat(), b"", [None]),
    ],
)
def test_fields_are_read_by_the_grammar(
    file_format: FileFormat, record: bytes, texts: list[str | None] | None
) -> None:
    assert RecordFields(file_format).texts(record) == texts


@pytest.mark.parametrize(
    ("file_format", "record", "texts", "changed"),
    [
        (FileFormat(), b'1,"a", b ,', ["2", 'x"y', "z", None], b'2,"x""y",z,'),
        (FileFormat(), b"1,a", ["1", "x,y"], b'1,"x,y"'),
        (FileFormat(), b'1,"a"', ["1", "a"], b'1,"a"'),
        (ESCAPED, b'"a",b', ['x"\\', "b"], b'"x\\"\\\\",b'),
        (FileFormat(encoding="cp1252"), b"M\xfcller,1", ["Käfer", "1"], b"K\xe4fer,1"),
    ],
)
def test_changed_fields_are_written_as_the_old_ones_were(
    file_format: FileFormat, record: bytes, texts: list[str | None], changed: bytes
) -> None:
    assert RecordFields(file_format).changed(record, texts) == changed


def test_bytes_that_are_no_text_survive_a_blur() -> None:
    assert RecordFields(FileFormat()).blurred(b'"ab\xff', lambda text: text.upper()) == b'"AB\xff'
