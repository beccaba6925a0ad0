"""Which texts a MySQL character set can hold, as Spark expressions."""

from pyspark.sql import Column
from pyspark.sql import functions as F

_UNBOUNDED = frozenset({"utf8mb4", "utf16", "utf16le", "utf32", "gb18030", "binary"})
_THREE_BYTES = frozenset({"utf8", "utf8mb3", "ucs2"})
_BEYOND_THREE_BYTES = r"[\x{10000}-\x{10FFFF}]"
_JAVA_NAMES = {
    "ascii": "US-ASCII",
    "big5": "Big5",
    "cp1250": "windows-1250",
    "cp1251": "windows-1251",
    "cp1256": "windows-1256",
    "cp1257": "windows-1257",
    "cp850": "IBM850",
    "cp852": "IBM852",
    "cp866": "IBM866",
    "cp932": "windows-31j",
    "euckr": "EUC-KR",
    "gb2312": "GB2312",
    "gbk": "GBK",
    "greek": "ISO-8859-7",
    "hebrew": "ISO-8859-8",
    "koi8r": "KOI8-R",
    "koi8u": "KOI8-U",
    "latin1": "windows-1252",  # MySQL manual, "West European Character Sets"
    "latin2": "ISO-8859-2",
    "latin5": "ISO-8859-9",
    "latin7": "ISO-8859-13",
    "sjis": "Shift_JIS",
    "tis620": "TIS-620",
    "ujis": "EUC-JP",
}


def can_hold(character_set: str | None, text: Column) -> Column | None:
    """Whether a column of that character set can hold a text; None: any text.

    Without a character set (and for the rare ones that are not known here) any text is taken to
    fit: the database's own default is utf8mb4.
    """
    name = (character_set or "utf8mb4").lower()
    if name in _THREE_BYTES:
        return ~text.rlike(_BEYOND_THREE_BYTES)
    java_name = _JAVA_NAMES.get(name)
    if java_name is None:
        return None
    there_and_back = F.decode(F.encode(text, java_name), java_name)
    return (F.octet_length(text) == F.length(text)) | (there_and_back == text)


def byte_length(character_set: str | None, text: Column) -> Column:
    """How many bytes a column of that character set needs for a text."""
    java_name = _JAVA_NAMES.get((character_set or "").lower())
    return F.octet_length(text) if java_name is None else F.octet_length(F.encode(text, java_name))
