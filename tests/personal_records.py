"""A migration with personal data that only its transform knows of, and a file for it."""

from pathlib import Path

from admw_assets.core.canonical import source_hash

PEOPLE = """CREATE TABLE PERSON (id INT PRIMARY KEY, mail VARCHAR(40) NOT NULL, born DATE,
  chief VARCHAR(40), note TEXT, score INT, UNIQUE KEY (mail));"""
PEOPLE_RULES = """name: people
tables:
  PERSON: {pii: [mail, born, chief], transform: person}
"""
PEOPLE_TRANSFORM = """
from pyspark.sql import functions as F
def person(records):
    return records.select("admw_record_number", "id", F.lower("mail").alias("mail"), "born",
        F.col("boss").alias("chief"), "note", "score")
"""


def write_people(root: Path) -> tuple[Path, Path]:
    """A migration with personal data, and a file for it: Latin-1, semicolons, source hashes."""
    root.mkdir()
    (root / "schema.sql").write_text(PEOPLE)
    form = "format: {delimiter: ';', encoding: cp1252}\n"
    (root / "migration.yaml").write_text(PEOPLE_RULES + form)
    (root / "transforms.py").write_text(PEOPLE_TRANSFORM)
    rows = [
        ("1", "Jörg.Weiß@example.org", "1996-02-29", None, "call Jörg.Weiß@example.org", "7"),
        ("2", "anna@example.org", "31.02.1990", "Jörg.Weiß@example.org", "", "8"),
        ("3", "secretly@example.org", None, None, "plain", "high"),
        ("4", "jörg.weiß@example.org", None, "nobody", "plain", "9"),
    ]
    lines = ["id;mail;born;boss;note;score;admw_source_hash"]
    for row in rows:
        fields = ['""' if text == "" else text or "" for text in row]
        lines.append(";".join([*fields, "0" * 64 if row[0] == "3" else source_hash(row)]))
    lines.insert(3, 'Broken "person@example.org;1970-01-31')
    file = root.parent / "PERSON~20240101.000000.csv"
    file.write_bytes(("\r\n".join(lines) + "\r\n").encode("cp1252"))
    return root, file
