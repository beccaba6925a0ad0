"""The fields of one record as they stand in its bytes, and a record with other fields.

Everything but the changed fields stays byte for byte: quotes, white space, faults. Imports core.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from admw_assets.core.configuration import FileFormat
from admw_assets.engines.files.grammar import Grammar
from admw_assets.engines.files.text_encoding import EncodingKind, TextEncoding


@dataclass(frozen=True, slots=True)
class Field:
    """Where a field stands (characters, its quotes included), its text and whether it is quoted."""

    start: int
    end: int
    text: str
    quoted: bool


Change = Callable[[str], str]


class RecordFields:
    """Reads and changes records of one format, as `FileReader.records_of` gives them."""

    def __init__(self, file_format: FileFormat) -> None:
        encoding = TextEncoding.named(file_format.encoding)
        # What is of neither kind has been turned into UTF-8 to be scanned.
        self._encoding = "utf-8" if encoding.kind is EncodingKind.OTHER else encoding.name
        self._format = file_format
        self._grammar = Grammar.of(file_format)
        quote, escape = file_format.quote, self._grammar.escape
        delimiter = re.escape(file_format.delimiter)
        plain = rf"[^{delimiter}]*"
        if quote is None:
            self._field = re.compile(f"({plain})(?={delimiter}|\\Z)", re.DOTALL)
            return
        q = re.escape(quote)
        e = re.escape(escape.decode()) if escape else q
        inside = rf"(?:[^{q}{e}]|{e}.)*" if escape else rf"(?:[^{q}]|{q}{q})*"
        unquoted = rf"(?!{q}){plain}"
        self._field = re.compile(rf"(?:{q}({inside}){q}|({unquoted}))(?={delimiter}|\Z)", re.DOTALL)

    def texts(self, data: bytes) -> list[str | None] | None:
        """The values, NULL as None; None where the record is not well formed."""
        fields = self._fields(self._decoded(data))
        return None if fields is None else [self._value(field) for field in fields]

    def changed(self, data: bytes, texts: Sequence[str | None]) -> bytes:
        """The record with these values in the place of its own; NULL stays where it is."""
        text = self._decoded(data)
        fields = self._fields(text)
        assert fields is not None and len(fields) == len(texts), "texts() has read it"
        pieces, at = list[str](), 0
        for field, other in zip(fields, texts, strict=True):
            pieces.append(text[at : field.start])
            if other is None or other == field.text:
                pieces.append(text[field.start : field.end])
            else:
                pieces.append(self._written(field, other))
            at = field.end
        return self._encoded("".join((*pieces, text[at:])))

    def blurred(self, data: bytes, change: Change) -> bytes:
        """A record that cannot be taken apart, changed as a whole."""
        return self._encoded(change(self._decoded(data)))

    def _fields(self, text: str) -> list[Field] | None:
        fields, at = list[Field](), 0
        while True:
            match = self._field.match(text, at)
            if match is None:
                return None
            is_quoted = self._format.quote is not None and match[2] is None
            content = self._unescaped(match[1]) if is_quoted else match[match.lastindex or 1]
            fields.append(Field(at, match.end(), content, is_quoted))
            if match.end() == len(text):
                return fields
            at = match.end() + 1
            if at > len(text):
                return None

    def _value(self, field: Field) -> str | None:
        is_null = not field.quoted and field.text == self._format.null_marker
        return None if is_null else field.text

    def _written(self, field: Field, text: str) -> str:
        quote = self._format.quote
        if quote is None:
            return text
        needs_quotes = any(c in text for c in (self._format.delimiter, quote, "\r", "\n"))
        if not field.quoted and not needs_quotes:
            return text
        if self._grammar.escape is None:
            return f"{quote}{text.replace(quote, quote * 2)}{quote}"
        escape = self._grammar.escape.decode()
        for special in (escape, quote):
            text = text.replace(special, escape + special)
        return f"{quote}{text}{quote}"

    def _unescaped(self, text: str) -> str:
        if self._grammar.escape is None:
            quote = self._format.quote or ""
            return text.replace(quote * 2, quote)
        return re.sub(
            re.escape(self._grammar.escape.decode()) + "(.)", r"\1", text, flags=re.DOTALL
        )

    def _decoded(self, data: bytes) -> str:
        return data.decode(self._encoding, "surrogateescape")

    def _encoded(self, text: str) -> bytes:
        return text.encode(self._encoding, "surrogateescape")
