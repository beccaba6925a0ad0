"""The ten sample files: uploaded, moved through both stages by themselves, and held against the
same files moved on this machine."""

from pathlib import Path

from admw_assets.core.step import Stage, Status
from admw_assets.samples import generate
from tests.rehearsal.account import Account, Mail
from tests.rehearsal.brands import brand_file
from tests.rehearsal.parity import compared_reports, compared_tables

ROWS = 200


def write_files(folder: Path) -> list[Path]:
    """The sample files."""
    generate(folder, ROWS)
    return sorted(folder.glob("*.csv"))


def prepare(account: Account, folder: Path) -> None:
    """Bring the countries in, to which brands refer."""
    write_files(folder)
    (file,) = folder.glob("COUNTRY~*.csv")
    account.upload(file)
    account.wait_for(file.name, Stage.FINAL, Status.COMPLETED)


def migrate(account: Account, files: list[Path]) -> None:
    """Upload; EventBridge, Step Functions, Glue and Lambda do the rest."""
    account.upload(*files)
    account.timeline.note(f"{len(files)} files uploaded to landing")
    seen: dict[tuple[str, str, Stage], str] = {}

    def finished() -> bool:
        states = account.states()
        for key, state in states.items():
            told = f"{state.status}"
            if seen.get(key) != told and state.status is not Status.RUNNING:
                seen[key] = told
                file, table, stage = key
                account.timeline.note(f"{stage} {table} of {file}: {told} in {state.seconds:.1f} s")
        failed = [f"{key}: {s.message}" for key, s in states.items() if s.status is Status.FAILED]
        assert not failed, failed
        final = [key for key, state in states.items() if key[2] is Stage.FINAL]
        done = [key for key in final if states[key].status is Status.COMPLETED]
        fed = {file for file, _, _ in done}
        return fed == {file.name for file in files} and len(done) == len(final) == len(states) // 2

    account.wait_until(finished, "all final stages to complete")
    mails: list[Mail] = []

    def all_told() -> bool:
        mails.extend(account.mails())
        return len(mails) >= len(account.states())

    account.wait_until(all_told, "a mail for each stage", 120)
    assert {mail.topic for mail in mails} == {"summaries"}, mails
    assert len(mails) == len(account.states()), [mail.subject for mail in mails]
    assert all(len(mail.text) <= 1000 for mail in mails)
    account.timeline.note(f"{len(mails)} summaries by mail, no alert")


def migrate_in_a_batch(account: Account, folder: Path) -> None:
    """Files that lie in landing without having been started go through by one command."""
    files = [brand_file(folder, day, 1000 + 20 * day) for day in (8, 9)]
    with account.uploads_start_nothing():
        account.upload(*files)
        execution = account.run("start", "--all").strip()
        states = account.client("stepfunctions")

        def ended() -> str | None:
            status = states.describe_execution(executionArn=execution)["status"]
            return status if status != "RUNNING" else None

        assert account.wait_until(ended, f"the end of {execution}") == "SUCCEEDED"
    for file in files:  # final stages start by themselves, so the batch may end before them
        account.wait_for(file.name, Stage.FINAL, Status.COMPLETED)
    mail = account.wait_for_mail("summaries", "migration all")
    account.timeline.note(f"two files in a batch by one command; mail: {mail.subject}")


def compare(account: Account, home: Path, local_url: str) -> dict[str, tuple[int, int]]:
    """Tables row by row and reports byte by byte, with those of the local run in `home`."""
    counts = compared_tables(local_url, account.database_url)
    rows = sum(aws for _, aws in counts.values())
    account.timeline.note(f"parity: {rows:,} rows of {len(counts)} final tables are the same")
    reports = compared_reports(home / "reports", account)
    account.timeline.note(f"parity: {reports} report files are the same but for times and ids")
    return counts
