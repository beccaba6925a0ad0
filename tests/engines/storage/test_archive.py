"""A source leaves only when its archive is proved; wherever that is cut off, it goes on."""

import errno
import gzip
import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest
import zstandard
from isal import isal_zlib

from admw_assets.core.configuration import Compression
from admw_assets.core.errors import ArchiveError
from admw_assets.engines.storage import archive as archive_module
from admw_assets.engines.storage.archive import LocalArchiver
from admw_assets.engines.storage.codecs import CODECS, Codec

NAME = "BRAND~20240131.101112.csv"
CONTENT = b"id,name\n" + b"".join(b"%d,name of %d\n" % (n, n) for n in range(5000))
FACTS = {"migration": "shop", "tables": {"brand": {"loaded": 5000}}}
ALL = list(Compression)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "landing" / NAME
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def archiver(folder: Path) -> LocalArchiver:
    return LocalArchiver(folder)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def unpacked(path: Path) -> bytes:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            assert archive.namelist() == [NAME]
            return archive.read(NAME)
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    with path.open("rb") as file:
        return zstandard.ZstdDecompressor().stream_reader(file).read()


@pytest.mark.parametrize("compression", ALL)
def test_archive_holds_the_source_and_the_manifest_proves_it(
    archiver: LocalArchiver, source: Path, folder: Path, compression: Compression
) -> None:
    archived = archiver.archive(str(source), compression, FACTS)
    path = Path(archived.location)

    assert not source.exists()
    assert path.name == NAME + {"zip": ".zip", "zstd": ".zst", "gz": ".gz"}[compression]
    assert unpacked(path) == CONTENT
    assert archived.source_sha256 == sha256(CONTENT)
    assert archived.archive_sha256 == sha256(path.read_bytes())
    assert (archived.source_size, archived.archive_size) == (len(CONTENT), path.stat().st_size)
    assert json.loads(Path(archived.manifest).read_text()) == {
        "version": 1,
        "source": {"name": NAME, "size": len(CONTENT), "sha256": archived.source_sha256},
        "archive": {
            "name": path.name,
            "size": archived.archive_size,
            "sha256": archived.archive_sha256,
        },
        "compression": compression.value,
        "facts": FACTS,
    }
    assert names_in(folder) == {path.name, path.name + ".manifest.json"}


@pytest.mark.parametrize("compression", ALL)
def test_archives_of_the_same_file_are_the_same_bytes(
    tmp_path: Path, source: Path, compression: Compression
) -> None:
    first = LocalArchiver(tmp_path / "one").archive(str(source), compression, FACTS)
    source.write_bytes(CONTENT)
    second = LocalArchiver(tmp_path / "two").archive(str(source), compression, FACTS)

    assert first.archive_sha256 == second.archive_sha256
    assert Path(first.manifest).read_bytes() == Path(second.manifest).read_bytes()


def test_zip_is_deflated_by_isa_l_although_zipfile_knows_nothing_of_it(
    archiver: LocalArchiver, source: Path
) -> None:
    path = Path(archiver.archive(str(source), Compression.ZIP, FACTS).location)

    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo(NAME).compress_size
    assert size == len(isal_zlib.compress(CONTENT, 3, wbits=-isal_zlib.MAX_WBITS))


@pytest.mark.parametrize("suffix", [".zip", ".csv.gz"])
def test_compressed_sources_are_copied_as_they_are(
    archiver: LocalArchiver, source: Path, tmp_path: Path, suffix: str
) -> None:
    packed = source.with_name("BRAND~20240131.101112" + suffix)
    packed.write_bytes(content := gzip.compress(CONTENT))
    archived = archiver.archive(str(packed), Compression.ZSTD, FACTS)

    assert Path(archived.location).name == packed.name
    assert Path(archived.location).read_bytes() == content
    assert archived.source_sha256 == archived.archive_sha256
    assert archiver.archive(str(packed), Compression.ZSTD, FACTS) == archived
    assert archiver.restore(archived.location, tmp_path / "back").read_bytes() == content


@pytest.mark.parametrize("compression", ALL)
def test_finished_archive_comes_back_whatever_the_setting_is_now(
    archiver: LocalArchiver, source: Path, compression: Compression
) -> None:
    first = archiver.archive(str(source), compression, FACTS)
    for now in ALL:
        assert archiver.archive(str(source), now, {}) == first


CALLS = ["flush_to_disk", "packed_content", "publish", "write_manifest", "sync_folder"]


def _archive_and_die(archiver: LocalArchiver, source: Path, call: str, *, after: bool) -> None:
    """Archive in a process that ends, without any clean-up, before or after a call."""
    real = getattr(archive_module, call)

    def fatal(*arguments: object, **named: object) -> None:
        if after:
            real(*arguments, **named)
        os._exit(9)

    child = os.fork()
    if child == 0:
        setattr(archive_module, call, fatal)
        archiver.archive(str(source), Compression.ZIP, FACTS)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("after", [False, True])
def test_killed_anywhere_it_goes_on(
    archiver: LocalArchiver, source: Path, folder: Path, call: str, after: bool
) -> None:
    _archive_and_die(archiver, source, call, after=after)
    if call != "sync_folder":
        assert source.read_bytes() == CONTENT

    archived = archiver.archive(str(source), Compression.ZIP, FACTS)
    assert not source.exists()
    assert unpacked(Path(archived.location)) == CONTENT
    assert names_in(folder) == {f"{NAME}.zip", f"{NAME}.zip.manifest.json"}


def test_leftover_of_a_dead_writer_is_removed(
    archiver: LocalArchiver, source: Path, folder: Path
) -> None:
    folder.mkdir()
    (folder / f".{NAME}.zip.0123.tmp").write_bytes(b"half")
    archiver.archive(str(source), Compression.ZIP, FACTS)
    assert names_in(folder) == {f"{NAME}.zip", f"{NAME}.zip.manifest.json"}


def _damaged(write: Callable[..., None], position: int) -> Callable[..., None]:
    def write_and_flip(content: BinaryIO, archive: BinaryIO, name: str, size: int) -> None:
        write(content, archive, name, size)
        archive.flush()
        end = archive.seek(0, os.SEEK_END)
        descriptor = archive.fileno()
        path = Path(f"/proc/self/fd/{descriptor}")
        with path.open("r+b") as again:
            again.seek(position % end)
            byte = again.read(1)[0]
            again.seek(position % end)
            again.write(bytes([byte ^ 0x10]))

    return write_and_flip


def _forgetful(write: Callable[..., None]) -> Callable[..., None]:
    def write_less(content: BinaryIO, archive: BinaryIO, name: str, size: int) -> None:
        content.read(10)
        write(content, archive, name, size - 10)

    return write_less


@pytest.mark.parametrize("compression", ALL)
@pytest.mark.parametrize(
    "spoil", [lambda w: _damaged(w, 300), lambda w: _damaged(w, 4000), _forgetful]
)
def test_archive_that_does_not_read_back_is_not_kept(
    source: Path,
    folder: Path,
    compression: Compression,
    spoil: Callable[[Callable[..., None]], Callable[..., None]],
) -> None:
    codec: Codec = CODECS[compression]
    spoiled = {compression: replace(codec, write=spoil(codec.write))}
    with pytest.raises(ArchiveError, match="read back") as raised:
        LocalArchiver(folder, spoiled).archive(str(source), compression, FACTS)

    assert raised.value.next_step
    assert source.read_bytes() == CONTENT
    assert names_in(folder) == set()


@pytest.mark.parametrize("compression", ALL)
@pytest.mark.parametrize("content", [b"no archive", b"", "other"])
def test_other_archive_of_that_name_is_not_overwritten(
    archiver: LocalArchiver,
    source: Path,
    tmp_path: Path,
    compression: Compression,
    content: bytes | str,
) -> None:
    if content == "other":
        source.write_bytes(CONTENT + b"more\n")
        location = Path(archiver.archive(str(source), compression, FACTS).location)
    else:
        location = tmp_path / "archive" / (NAME + CODECS[compression].suffix)
        location.parent.mkdir()
        location.write_bytes(content.encode() if isinstance(content, str) else content)
    before = location.read_bytes()
    source.write_bytes(CONTENT)

    with pytest.raises(ArchiveError, match="is there already"):
        archiver.archive(str(source), compression, FACTS)
    assert location.read_bytes() == before
    assert source.read_bytes() == CONTENT


def test_source_that_is_gone_without_an_archive_is_an_error(
    archiver: LocalArchiver, source: Path
) -> None:
    source.unlink()
    with pytest.raises(ArchiveError, match="neither"):
        archiver.archive(str(source), Compression.ZIP, FACTS)


def test_archive_of_a_like_named_source_does_not_stand_for_another(
    archiver: LocalArchiver, source: Path
) -> None:
    packed = source.with_name(NAME + ".gz")
    packed.write_bytes(gzip.compress(b"other"))
    archiver.archive(str(packed), Compression.ZIP, FACTS)
    source.unlink()
    with pytest.raises(ArchiveError, match="neither"):
        archiver.archive(str(source), Compression.GZ, FACTS)


@pytest.mark.parametrize("spoil", ["archive", "manifest", "no manifest"])
def test_archive_that_is_not_whole_does_not_stand_for_its_source(
    archiver: LocalArchiver, source: Path, tmp_path: Path, spoil: str
) -> None:
    archived = archiver.archive(str(source), Compression.ZIP, FACTS)
    if spoil == "archive":
        content = bytearray(Path(archived.location).read_bytes())
        content[200] ^= 1
        Path(archived.location).write_bytes(content)
    elif spoil == "manifest":
        Path(archived.manifest).write_text("{}")
    else:
        Path(archived.manifest).unlink()

    with pytest.raises(ArchiveError):
        archiver.archive(str(source), Compression.ZIP, FACTS)
    with pytest.raises(ArchiveError):
        archiver.restore(archived.location, tmp_path / "back")


def test_source_that_changed_meanwhile_stays(source: Path, folder: Path) -> None:
    codec = CODECS[Compression.ZIP]

    def write_slowly(content: BinaryIO, archive: BinaryIO, name: str, size: int) -> None:
        codec.write(content, archive, name, size)
        with source.open("ab") as file:
            file.write(b"late\n")

    archiver = LocalArchiver(folder, {Compression.ZIP: replace(codec, write=write_slowly)})
    with pytest.raises(ArchiveError, match="changed while"):
        archiver.archive(str(source), Compression.ZIP, FACTS)
    assert source.read_bytes() == CONTENT + b"late\n"


def test_source_other_than_the_loaded_one_stays(archiver: LocalArchiver, source: Path) -> None:
    with pytest.raises(ArchiveError, match="not the file that was loaded"):
        archiver.archive(str(source), Compression.ZIP, {"file_sha256": sha256(b"loaded")})
    assert source.exists()
    archiver.archive(str(source), Compression.ZIP, {"file_sha256": sha256(CONTENT)})
    assert not source.exists()


def test_full_disk_leaves_the_source(source: Path, folder: Path) -> None:
    def write_too_much(content: BinaryIO, archive: BinaryIO, name: str, size: int) -> None:
        archive.write(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    codec = replace(CODECS[Compression.ZIP], write=write_too_much)
    with pytest.raises(ArchiveError, match="No space left") as raised:
        LocalArchiver(folder, {Compression.ZIP: codec}).archive(str(source), Compression.ZIP, {})
    assert "free space" in raised.value.next_step
    assert source.exists()
    assert names_in(folder) == set()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_may_not_be_written_leaves_the_source(
    archiver: LocalArchiver, source: Path, folder: Path
) -> None:
    folder.mkdir(mode=0o500)
    with pytest.raises(ArchiveError, match="Permission"):
        archiver.archive(str(source), Compression.ZIP, FACTS)
    assert source.exists()


def test_landing_folder_is_no_archive_folder(source: Path) -> None:
    with pytest.raises(ArchiveError, match="archive folder"):
        LocalArchiver(source.parent).archive(str(source), Compression.ZIP, FACTS)
    assert source.exists()


def test_links_are_not_archived(archiver: LocalArchiver, source: Path) -> None:
    link = source.with_name("LINK~20240131.101112.csv")
    link.symlink_to(source)
    with pytest.raises(ArchiveError, match="no regular file"):
        archiver.archive(str(link), Compression.ZIP, FACTS)
    assert link.is_symlink()


@pytest.mark.parametrize("compression", ALL)
def test_restored_source_can_be_archived_again(
    archiver: LocalArchiver, source: Path, compression: Compression
) -> None:
    archived = archiver.archive(str(source), compression, FACTS)
    assert archiver.restore(archived.location, source.parent) == source
    assert archiver.restore(archived.location, source.parent) == source
    assert source.read_bytes() == CONTENT
    assert names_in(source.parent) == {NAME}

    again = archiver.archive(str(source), compression, {"tables": {}})
    assert again == archived
    assert json.loads(Path(again.manifest).read_text())["facts"] == {"tables": {}}
    assert not source.exists()


def test_restore_does_not_replace_another_file(archiver: LocalArchiver, source: Path) -> None:
    archived = archiver.archive(str(source), Compression.ZIP, FACTS)
    source.write_bytes(b"new delivery")
    with pytest.raises(ArchiveError, match="holds another file"):
        archiver.restore(archived.location, source.parent)
    assert source.read_bytes() == b"new delivery"


def test_restore_stays_inside_its_folder(archiver: LocalArchiver, source: Path) -> None:
    archived = archiver.archive(str(source), Compression.ZIP, FACTS)
    manifest = Path(archived.manifest)
    manifest.write_text(manifest.read_text().replace(f'"name": "{NAME}"', '"name": "../x"'))
    with pytest.raises(ArchiveError, match="no manifest"):
        archiver.restore(archived.location, source.parent)


def test_empty_source_is_archived(archiver: LocalArchiver, source: Path) -> None:
    for compression in ALL:
        source.write_bytes(b"")
        archived = archiver.archive(str(source), compression, FACTS)
        assert archiver.restore(archived.location, source.parent).read_bytes() == b""
