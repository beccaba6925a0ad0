from datetime import datetime

import pytest

from admw_assets.core.data_file import parse_data_file_name
from admw_assets.core.errors import DataFileError


@pytest.mark.parametrize(
    ("location", "entity", "suffix", "compression"),
    [
        ("ORDERS~20240131.235959.csv", "ORDERS", ".csv", ""),
        ("orders~20240131.235959.TXT", "orders", ".txt", ""),
        ("/landing/a~b/ORDERS~20240131.235959.zip", "ORDERS", ".zip", "zip"),
        ("s3://bucket/key/ORDERS~20240131.235959.csv.gz", "ORDERS", ".csv.gz", "gz"),
        ("../ORDERS~20240131.235959.txt.zip", "ORDERS", ".txt.zip", "zip"),
        ("Übersicht 1.2~20240131.235959.gz", "Übersicht 1.2", ".gz", "gz"),
    ],
)
def test_name_is_taken_apart(location: str, entity: str, suffix: str, compression: str) -> None:
    found = parse_data_file_name(location)
    assert found.name == location.rpartition("/")[2]
    assert (found.entity, found.suffix, found.compression) == (entity, suffix, compression)
    assert found.extracted_at == datetime(2024, 1, 31, 23, 59, 59)


def test_path_before_the_name_is_no_part_of_it() -> None:
    assert parse_data_file_name("../x~20240101.000000.csv").name == "x~20240101.000000.csv"


STAMP = "20240101.000000"


@pytest.mark.parametrize(
    "location",
    [
        "",
        "/",
        "..",
        "x.csv",
        f"~{STAMP}.csv",
        f"a~b~{STAMP}.csv",
        f"x~{STAMP}",
        f"x~{STAMP}.",
        f"x~{STAMP}.exe",
        f"x~{STAMP}.csv.exe",
        f"x~{STAMP}.csv.csv",
        f"x~{STAMP}.gz.csv",
        f"x~{STAMP}.csv\n",
        f"x~{STAMP}.csv\0.txt",
        f"x\0~{STAMP}.csv",
        f"x\n~{STAMP}.csv",
        f"x\x7f~{STAMP}.csv",
        f"..\\x~{STAMP}.csv",
        f"\udcff~{STAMP}.csv",
        "x~20240101.csv",
        "x~20240101.00000.csv",
        "x~20241301.000000.csv",
        "x~20240230.000000.csv",
        "x~20240101.240000.csv",
        "x~00000101.000000.csv",
        "x~٢٠٢٤٠١٠١.000000.csv",
        f"{'x' * 300}~{STAMP}.csv",
    ],
)
def test_other_names_are_refused_with_a_next_step(location: str) -> None:
    with pytest.raises(DataFileError) as caught:
        parse_data_file_name(location)
    assert caught.value.next_step


def test_longest_name() -> None:
    name = f"{'x' * 180}~{STAMP}.csv"
    assert len(name) == 200
    assert parse_data_file_name(name).entity == "x" * 180
    with pytest.raises(DataFileError):
        parse_data_file_name("x" + name)
