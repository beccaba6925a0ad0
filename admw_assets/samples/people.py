"""Sample files about places and people: COUNTRY, STAFF, CUSTOMER."""

import numpy as np

from admw_assets.samples.draws import (
    Draws,
    Texts,
    blanked,
    dates,
    decimals,
    instants,
    integers,
    picked,
)
from admw_assets.samples.faults import bad_value, malformed, orphan, repeated_key, tampered
from admw_assets.samples.sample_file import SampleFile, Sizes
from admw_assets.samples.words import (
    CITIES,
    COUNTRIES,
    CUSTOMER_COUNTRIES,
    FIRST_NAMES,
    LAST_NAMES,
    MAIL_DOMAINS,
    MAIL_NAMES,
    NOTES,
)

_DAY = 86_400_000  # milliseconds
_DOZEN = 12  # people in a team
_LEADER = 3  # place of the team's leader
_BORN = (-12_000, 13_500)  # days since 1970: 1937 to 2006
_LEAP_DAY = 9_555  # 1996-02-29
_FIRST_REGISTRATION = 1_420_070_400_000  # 2015-01-01, milliseconds since 1970
_LAST_REGISTRATION = 1_704_060_000_000  # 2023-12-31


def _countries(draws: Draws, _sizes: Sizes) -> list[Texts]:
    return [picked(column, draws.index) for column in zip(*COUNTRIES, strict=True)]


def _staff(draws: Draws, sizes: Sizes) -> list[Texts]:
    place = draws.index
    leader = place // _DOZEN * _DOZEN + _LEADER
    leads = (place == leader) | (place == 0) | (leader >= sizes.staff)
    roles = draws.chosen("role", ("cashier", "cashier", "stock", "butcher", "baker"))
    roles = ["manager" if top else role for role, top in zip(roles, leads.tolist(), strict=True)]
    first = draws.chosen("first_name", FIRST_NAMES)
    last = draws.chosen("last_name", LAST_NAMES)
    for at in np.flatnonzero(place == 0).tolist():
        first[at], last[at], roles[at] = "Self", "Checkout", "system"
    starts = ("06:00:00", "08:30:00", "13:15:00", "21:45:30", None)
    badges: Texts = [f"{bits:016X}" for bits in draws.bits("badge").tolist()]
    return [
        integers(place),
        blanked(integers(leader), leads),
        first,
        last,
        roles,
        blanked(badges, draws.rarely("badge", 9)),
        blanked(dates(draws.numbers("birth_date", *_BORN)), draws.rarely("birth_date", 11)),
        dates(draws.numbers("hired_on", 14_000, 19_700)),
        draws.chosen("shift_start", starts),
        decimals(draws.numbers("weekly_hours", 50, 400), 1),
        draws.chosen("locker", ("A1", "A2", "B1", "B2;left", None)),
    ]


STAFF = SampleFile(
    entity="STAFF",
    tables=("staff",),
    columns=(
        "id",
        "manager_id",
        "first_name",
        "last_name",
        "role",
        "badge",
        "birth_date",
        "hired_on",
        "shift_start",
        "weekly_hours",
        "locker",
    ),
    build=_staff,
    free_text=frozenset({"first_name", "last_name", "locker"}),
    line_end="\r\n",
    faults=(
        *malformed("last_name"),
        bad_value("integer", "staff", "id", "12x"),
        bad_value("not_null", "staff", "hired_on", None),
        bad_value("length", "staff", "first_name", "é" * 41),
        bad_value("enum", "staff", "role", "astronaut"),
        bad_value("binary", "staff", "badge", "04A224BZ"),
        bad_value("date", "staff", "hired_on", "2023-02-29"),
        bad_value("time", "staff", "shift_start", "06:61:00"),
        bad_value("decimal", "staff", "weekly_hours", "38,5"),
        bad_value("precision", "staff", "weekly_hours", "1234.5"),
        bad_value("scale", "staff", "weekly_hours", "38.75"),
        repeated_key("staff", "id"),
        orphan("staff", "manager_id", "4000000000"),
    ),
)

COUNTRY = SampleFile(  # no faults: everybody refers to it, and two letters make few spare keys
    entity="COUNTRY",
    tables=("country",),
    columns=("code", "name", "currency", "calling_code", "eu_member", "vat_rate"),
    build=_countries,
    free_text=frozenset({"name"}),
)


def _customers(draws: Draws, _sizes: Sizes) -> list[Texts]:
    number = draws.index + 1
    names = draws.chosen("mail_name", MAIL_NAMES)
    domains = draws.chosen("mail_domain", MAIL_DOMAINS)
    mails = zip(names, number.tolist(), domains, strict=True)
    leap = draws.rarely("leap", 50)
    born = np.where(leap, _LEAP_DAY, draws.numbers("birth_date", *_BORN))
    zips = [f"{code:05d}" for code in draws.numbers("zip", 1_067, 99_998).tolist()]
    padded = draws.rarely("zip_padded", 20).tolist()
    phones = [f"+49 30 {line:07d}" for line in draws.numbers("phone", 0, 9_999_999).tolist()]
    registered = draws.numbers("registered_at", _FIRST_REGISTRATION, _LAST_REGISTRATION)
    leap_night = 1_709_249_400_000  # 2024-02-29T23:30:00Z: already March in the shop
    registered = np.where(leap, leap_night, registered)
    moments = instants(registered, draws.rarely("registered_east", 3))
    return [
        integers(number),
        [f"{name}{of}@{domain}" for name, of, domain in mails],
        draws.chosen("first_name", FIRST_NAMES),
        draws.chosen("last_name", LAST_NAMES),
        blanked(list(phones), draws.rarely("phone", 4)),
        blanked(dates(born), draws.rarely("birth_date", 7)),
        draws.chosen("country_code", CUSTOMER_COUNTRIES),
        [f"{code}  " if wide else code for code, wide in zip(zips, padded, strict=True)],
        draws.chosen("city", CITIES),
        draws.chosen("loyalty_level", ("none", "none", "none", "silver", "gold")),
        draws.chosen("newsletter", ("0", "1")),
        decimals(draws.numbers("balance", -50_00, 900_00), 2),
        blanked(moments, draws.rarely("registered_at", 12)),
        draws.chosen("note", NOTES),
    ]


CUSTOMER = SampleFile(
    entity="CUSTOMER",
    tables=("customer",),
    columns=(
        "id",
        "email",
        "first_name",
        "last_name",
        "phone",
        "birth_date",
        "country_code",
        "zip",
        "city",
        "loyalty_level",
        "newsletter",
        "balance",
        "registered_at",
        "note",
    ),
    build=_customers,
    free_text=frozenset({"first_name", "last_name", "city", "note"}),
    hash_column="admw_source_hash",
    faults=(
        *malformed("note"),
        tampered("admw_source_hash", "balance", "1000000.00"),
        bad_value("integer", "customer", "id", "12x"),
        bad_value("range", "customer", "id", "9223372036854775808"),
        bad_value("not_null", "customer", "email", None),
        bad_value("length", "customer", "city", "🏙️" * 41),
        bad_value("date", "customer", "birth_date", "1990-06-31"),
        bad_value("enum", "customer", "loyalty_level", "platinum"),
        bad_value("boolean", "customer", "newsletter", "maybe"),
        bad_value("decimal", "customer", "balance", "12,50"),
        bad_value("precision", "customer", "balance", "123456789.00"),
        bad_value("scale", "customer", "balance", "9.999"),
        bad_value("datetime", "customer", "registered_at", "2023-02-30T10:15:30Z"),
        repeated_key("customer", "id"),
        repeated_key("customer", "email"),
        orphan("customer", "country_code", "QQ"),
    ),
)
