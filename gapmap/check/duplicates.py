"""The same service twice: candidates across and within lists, with a score and the reasons.

Method: record linkage in the manner of Fellegi and Sunter (A theory for record linkage, Journal of
the American Statistical Association 64, 1969): pairs are formed only within blocks that share
something telling; each field that both rows fill adds a weight if it agrees and takes some away if
it differs; a blank field says nothing. The weights are stated below, not fitted: they are
logarithms to base 2 of how much likelier the agreement is in a pair of the same service than in
a pair of two, rounded, and can be changed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gapmap.check.workbook import COLOURS
from gapmap.errors import FileError, InputError
from gapmap.read.values import as_texts, plain, typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gapmap.study import Study

#: What agreement adds, and difference takes away, in each field.
WEIGHTS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "name": (7.0, -5.0),
        "organisation": (3.0, -2.0),
        "postcode": (5.0, -1.0),
        "place": (3.0, -3.0),
        "phone": (7.0, -1.0),
        "url": (6.0, -0.5),
        "category": (2.0, -3.0),
        "serves": (1.0, -5.0),
    }
)

#: From this score on a pair is a candidate; from the second on it is very likely the same.
CANDIDATE, LIKELY = 6.0, 12.0

_NEAR, _FAR = 250.0, 5_000.0  # metres
_ALIKE, _UNLIKE = 88.0, 60.0  # of 100: how alike two names must be to agree, or to differ
_OFTEN = 8  # a word in more names than this, and in one of fifty, tells nothing
_LARGEST_BLOCK = 60  # rows: a larger block (a head office's page) tells nothing
_COMMON = frozenset(
    ["the", "and", "of", "for", "in", "a", "service", "services", "nhs", "centre", "family",
     "families", "team", "project", "group", "support", "council", "trust", "ltd", "scotland",
     "children", "early", "years", "nursery"]
)  # fmt: skip
_COLUMNS = [
    "row_a", "row_b", "service_a", "service_b", "name_a", "name_b", "score", "verdict", "why",
]  # fmt: skip
#: What a person may decide of a pair; a blank is no decision yet.
DECISIONS = ("same", "different", "unsure")
#: Columns of a file of candidates, which is a file of decisions once its last is filled in.
FILE_COLUMNS = (
    "service_a", "name_a", "source_a", "service_b", "name_b", "source_b",
    "score", "verdict", "why", "decision",
)  # fmt: skip


@dataclass(frozen=True)
class _Fields:
    """What of each row is compared, in plain form."""

    names: list[str]
    telling: list[str]
    bodies: list[str]
    postcodes: list[str]
    points: np.ndarray
    phones: list[frozenset[str]]
    urls: list[str]
    categories: list[str]
    serves: list[frozenset[str]]


def duplicates(
    services: pd.DataFrame,
    *,
    decisions: pd.DataFrame | None = None,
    candidate: float = CANDIDATE,
) -> pd.DataFrame:
    """Pairs of rows that may be the same service.

    Parameters
    ----------
    services
        Rows of one list or of several set below each other, as read or typed; further columns
        phone and url are used too. Rows of one service at several places (the same service_id)
        are no pair.
    decisions
        What was decided before: service_a, service_b, decision (``same``, ``different``,
        ``unsure``, or blank). Pairs decided as different are left out; others are marked so.
    candidate
        Score from which a pair is listed.

    Returns
    -------
    pandas.DataFrame
        One row per pair, the likeliest first: row_a, row_b (as a spreadsheet numbers them),
        service_a, service_b (ids), name_a, name_b, score (sum of weights), verdict (``decided
        same``, ``not sure``, ``likely the same``, ``perhaps the same``), why (in words).

    Raises
    ------
    InputError
        If the decisions have other columns or words, or contradict each other.

    Examples
    --------
    >>> lists = pd.DataFrame(
    ...     {"name": ["Bumps & Babies", "Bumps and Babies Group"], "postcode": ["KY2 6LH"] * 2}
    ... )
    >>> duplicates(lists)[["score", "verdict"]].values.tolist()
    [[12.0, 'likely the same']]
    """
    rows = typed(services)
    known = _decided(decisions)
    fields = _fields(rows, services)
    ids = rows["service_id"].tolist()
    numbers = _numbers(services)
    found = []
    for a, b in _pairs(fields):
        if ids[a] == ids[b] and rows["location_id"].iloc[a] != rows["location_id"].iloc[b]:
            continue
        decision = known.get(frozenset((ids[a], ids[b])), "")
        if decision == "different":
            continue
        score, why = _score(fields, a, b)
        if score < candidate and not decision:
            continue
        verdict = (
            "decided same"
            if decision == "same"
            else "not sure"
            if decision == "unsure"
            else "likely the same"
            if score >= LIKELY
            else "perhaps the same"
        )
        found.append(
            (numbers[a], numbers[b], ids[a], ids[b], rows["name"].iloc[a], rows["name"].iloc[b],
             round(score, 1), verdict, "; ".join(why))
        )  # fmt: skip
    found.sort(key=lambda pair: (-pair[6], pair[0], pair[1]))
    return pd.DataFrame(found, columns=_COLUMNS)


def candidates(
    services: pd.DataFrame,
    directory: pd.DataFrame | None = None,
    *,
    decisions: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The pairs that a person should look at, as a table in which she writes what she decides.

    Parameters
    ----------
    services
        Her rows, as read.
    directory
        Another list, as typed; a service of the same id in both is one service already.
    decisions
        As for `duplicates`.

    Returns
    -------
    pandas.DataFrame
        `FILE_COLUMNS`: undecided pairs first, the likeliest above; then those decided before, so
        that the table can replace the file of decisions and nothing is forgotten.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"service_id": ["a", "b"], "name": ["Bumps & Babies"] * 2, "postcode": ["KY2 6LH"] * 2}
    ... )
    >>> candidates(rows)[["service_a", "service_b", "decision"]].values.tolist()
    [['a', 'b', '']]
    """
    own = typed(services)
    known = _decided(decisions)
    both = own
    if directory is not None:
        other = directory[~directory["service_id"].isin(own["service_id"])]
        both = pd.concat([own, other], ignore_index=True)
    found = duplicates(both, decisions=decisions)
    if directory is not None:
        # Within the other list is its keeper's to decide.
        mine = set(own["service_id"])
        found = found[found["service_a"].isin(mine) | found["service_b"].isin(mine)]
    sources = dict(zip(both["service_id"], both["source"], strict=True))
    names = dict(zip(both["service_id"], both["name"], strict=True))
    pairs = [frozenset(pair) for pair in zip(found["service_a"], found["service_b"], strict=True)]
    table = found.assign(
        source_a=found["service_a"].map(sources),
        source_b=found["service_b"].map(sources),
        decision=[known.get(pair, "") for pair in pairs],
    )
    kept = []
    for pair, decision in known.items():
        if pair in pairs:
            continue
        first, second = sorted(pair, key=lambda name: (name not in names, name))
        verdict = "decided before" if pair <= set(names) else "decided before; one is not there now"
        kept.append(
            {
                "service_a": first,
                "name_a": names.get(first, ""),
                "source_a": sources.get(first, ""),
                "service_b": second,
                "name_b": names.get(second, ""),
                "source_b": sources.get(second, ""),
                "score": float("nan"),
                "verdict": verdict,
                "why": "",
                "decision": decision,
            }
        )
    table = pd.concat(
        [table, pd.DataFrame(kept, columns=FILE_COLUMNS)] if kept else [table], ignore_index=True
    )
    order = table["decision"].ne("").to_numpy()
    return table.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)[list(FILE_COLUMNS)]


def write_candidates(table: pd.DataFrame, path: str | Path) -> None:
    """Write candidates as .csv or as .xlsx with a drop-down in the column of decisions.

    Raises
    ------
    FileError
        If the file cannot be written.
    InputError
        If its name ends in neither.
    """
    import datetime

    import xlsxwriter

    path = Path(path)
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise InputError(f"{path.name} does not end in .csv or .xlsx.")
    texts = table.assign(
        score=[f"{score:.1f}" if score == score else "" for score in table["score"]]
    )
    try:
        if path.suffix.lower() == ".csv":
            texts = texts.map(_harmless)
            texts.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
            return
        book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
        book.set_properties({"created": datetime.datetime(2000, 1, 1)})
        head = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        mine = book.add_format({"bg_color": f"#{COLOURS['warning']}", "valign": "top"})
        page = book.add_worksheet("same or different")
        page.freeze_panes(1, 0)
        widths = {"why": 48, "name_a": 32, "name_b": 32, "source_a": 20, "source_b": 20}
        for place, name in enumerate(texts.columns):
            page.set_column(place, place, widths.get(name, 12))
            page.write_string(0, place, name, head)
            for row, text in enumerate(texts[name].fillna("").astype(str), 1):
                page.write_string(row, place, text, mine if name == "decision" else wrapped)
        if len(texts):
            last = len(texts.columns) - 1
            page.data_validation(
                1, last, len(texts), last, {"validate": "list", "source": list(DECISIONS)}
            )
        book.close()
    except OSError as error:
        raise FileError(
            f"{path} could not be written: {error.strerror or error}. If it is open in another "
            "program, close it there."
        ) from None


def _harmless(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell


def same_groups(decisions: pd.DataFrame | None) -> list[frozenset[str]]:
    """Ids that are one service, by what was decided and what follows from it.

    Examples
    --------
    >>> rows = [("a", "b", "same"), ("b", "c", "same"), ("d", "e", "unsure")]
    >>> table = pd.DataFrame(rows, columns=["service_a", "service_b", "decision"])
    >>> [sorted(group) for group in same_groups(table)]
    [['a', 'b', 'c']]
    """
    import networkx as nx

    same = nx.Graph()
    known = _decided(decisions).items()
    same.add_edges_from(sorted(pair) for pair, word in known if word == "same")
    return sorted(map(frozenset, nx.connected_components(same)), key=min)


def resolved(study: Study) -> Study:
    """The study with the services that its table ``duplicates`` says are the same made one.

    Its ``field_sources`` then also have what each of them said, and which of it was taken.

    Parameters
    ----------
    study
        A study; one without that table is returned as it is.

    Raises
    ------
    InputError
        If the decisions contradict each other.

    Examples
    --------
    >>> import gapmap as gm
    >>> study = gm.scotland()
    >>> resolved(study) is study
    True
    """
    from dataclasses import replace

    decisions = study.table("duplicates")
    if decisions.empty or "same" not in set(_decided(decisions).values()):
        return study
    services, told = merged(study.services, decisions)
    if told.empty:
        return study
    # What was taken comes last: of a field with several sources that one counts.
    told = told.sort_values("kept", kind="stable")
    also = told["kept"].map({"yes": "taken", "no": "also said, not taken"})
    fields = pd.DataFrame(
        {
            "service_id": told["service_id"],
            "column": told["column"],
            "source": told["source"],
            "note": [
                f'"{value[:200]}" ({one}, {words})'
                for value, one, words in zip(told["value"], told["from_service"], also, strict=True)
            ],
        }
    )
    before = study.table("field_sources")
    every = pd.concat([before, fields], ignore_index=True) if len(before) else fields
    return replace(study.with_table("field_sources", every.fillna("")), services=services)


def absent(decisions: pd.DataFrame, ids: Iterable[str]) -> list[str]:
    """Sentences on decisions that name services which are in no list now.

    Examples
    --------
    >>> table = pd.DataFrame({"service_a": ["a"], "service_b": ["gone"], "decision": ["same"]})
    >>> absent(table, ["a"])
    ['"gone" is in no list now; what was decided of it (same as "a") is kept, and does nothing.']
    """
    known = set(ids)
    said = []
    for pair, word in _decided(decisions).items():
        gone = sorted(name for name in pair if name not in known)
        here = sorted(pair - set(gone))
        if gone:
            what = {"same": "same as", "different": "different from", "unsure": "unsure about"}
            other = f' ({what[word]} "{here[0]}")' if here else ""
            verb = "is" if len(gone) == 1 else "are"
            named = " and ".join(f'"{name[:60]}"' for name in gone)
            of = "it" if len(gone) == 1 else "them"
            said.append(
                f"{named} {verb} in no list now; what was decided of {of}{other} is kept, and "
                "does nothing."
            )
    return said


def merged(services: pd.DataFrame, decisions: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Services with those decided to be the same made one, and where each of its fields is from.

    The first row of a set stays, with its id; its blank fields are filled from the others in
    their order, so that a list that is put first wins.

    Parameters
    ----------
    services
        As for `duplicates`.
    decisions
        As for `duplicates`; only ``same`` ones matter.

    Returns
    -------
    tuple of pandas.DataFrame
        The services, typed; and one row per field of a merged service: service_id, column, value,
        from_service, kept (yes or no), source, so that nothing that any list said is lost.

    Raises
    ------
    InputError
        If the decisions have other columns or words, or contradict each other.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"service_id": ["a", "b"], "name": ["Tea", "Tea Club"], "town": ["", "Perth"]}
    ... )
    >>> same = pd.DataFrame({"service_a": ["a"], "service_b": ["b"], "decision": ["same"]})
    >>> services, sources = merged(rows, same)
    >>> services[["service_id", "name", "town"]].values.tolist()
    [['a', 'Tea', 'Perth']]
    """
    rows = typed(services)
    same = [pair for pair, word in _decided(decisions).items() if word == "same"]
    group: dict[str, str] = {}
    order = {name: place for place, name in reversed(list(enumerate(rows["service_id"])))}
    for pair in sorted(same, key=lambda pair: sorted(order.get(name, -1) for name in pair)):
        inside = [name for name in pair if name in order]
        if len(inside) < 2:
            continue
        roots = sorted({_root(group, name) for name in inside}, key=order.__getitem__)
        for other in roots[1:]:
            group[other] = roots[0]
    members: dict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(rows["service_id"]):
        members[_root(group, name)].append(place)
    keep = np.ones(len(rows), dtype=bool)
    told: list[tuple[str, str, str, str, str, str]] = []
    result = rows.copy()
    for root, places in members.items():
        if len({rows["service_id"].iloc[place] for place in places}) < 2:
            continue
        first, others = places[0], places[1:]
        mine = [place for place in others if rows["service_id"].iloc[place] != root]
        keep[mine] = False
        for column in rows.columns:
            if column in ("service_id", "location_id"):
                continue
            used = False
            for place in [first, *mine]:
                value = rows[column].iloc[place]
                text = as_texts(pd.Series([value]))[0]
                if not text:
                    continue
                if not used and place != first:
                    result.iloc[first, result.columns.get_loc(column)] = value
                told.append(
                    (root, str(column), text, str(rows["service_id"].iloc[place]),
                     "no" if used else "yes", str(rows["source"].iloc[place]))
                )  # fmt: skip
                used = True
    names = ["service_id", "column", "value", "from_service", "kept", "source"]
    return result[keep], pd.DataFrame(told, columns=names)


def read_decisions(path: str | Path) -> pd.DataFrame:
    """Decisions kept in a file: columns service_a, service_b, decision and, if kept, note.

    Raises
    ------
    FileError
        If the file cannot be read.
    InputError
        If it has other columns or words, or its decisions contradict each other.
    """
    from gapmap.read.tabular import read_table

    table = read_table(Path(path))
    _decided(table)
    return table


def _decided(decisions: pd.DataFrame | None) -> dict[frozenset[str], str]:
    if decisions is None or decisions.empty:
        return {}
    missing = {"service_a", "service_b", "decision"} - set(decisions.columns)
    if missing:
        raise InputError(f"The decisions lack the column {', '.join(sorted(missing))}.")
    known: dict[frozenset[str], str] = {}
    row_of: dict[frozenset[str], int] = {}
    wrong = []
    for row, a, b, decision in zip(
        _numbers(decisions),
        decisions["service_a"],
        decisions["service_b"],
        decisions["decision"],
        strict=True,
    ):
        word = str(decision).strip().lower() if decision == decision else ""
        pair = frozenset((str(a).strip().removeprefix("'"), str(b).strip().removeprefix("'")))
        if not word:
            continue
        if word not in DECISIONS:
            wrong.append(
                f'row {row}: a decision is "same", "different" or "unsure", not "{word[:40]}"'
            )
        elif len(pair) < 2 or "" in pair:
            wrong.append(f"row {row}: a decision is about two different services")
        elif known.get(pair, word) != word:
            wrong.append(
                f"row {row}: {_named(pair)} are {word} here and {known[pair]} in row {row_of[pair]}"
            )
        else:
            known[pair], row_of[pair] = word, row
    wrong += _contradictions(known, row_of)
    if wrong:
        raise InputError(
            "The decisions on duplicates cannot be used:\n- "
            + ".\n- ".join(wrong)
            + ".\nChange one of the rows that are named."
        )
    return known


def _named(pair: Iterable[str]) -> str:
    return " and ".join(f'"{name[:60]}"' for name in sorted(pair))


def _contradictions(
    known: Mapping[frozenset[str], str], row_of: Mapping[frozenset[str], int]
) -> list[str]:
    """Pairs said to be different that a chain of others says are the same."""
    import networkx as nx

    same = nx.Graph()
    same.add_edges_from(tuple(sorted(pair)) for pair, word in known.items() if word == "same")
    told = []
    for pair, word in known.items():
        a, b = sorted(pair)
        if word != "different" or a not in same or b not in same or not nx.has_path(same, a, b):
            continue
        chain = nx.shortest_path(same, a, b)
        links = [frozenset(step) for step in pairwise(chain)]
        steps = ", ".join(f"{_named(link)} are the same (row {row_of[link]})" for link in links)
        told.append(f"{steps}, but {_named(pair)} are different (row {row_of[pair]})")
    return told


def _root(group: Mapping[str, str], name: str) -> str:
    while name in group:
        name = group[name]
    return name


def _numbers(services: pd.DataFrame) -> list[int]:
    from gapmap.check.values import row_numbers

    return [int(number) for number in row_numbers(services)]


# -- what is compared -----------------------------------------------------------------------------


def _fields(rows: pd.DataFrame, services: pd.DataFrame) -> _Fields:
    from gapmap.place.locate import locate

    placed = locate(rows.drop(columns="geometry", errors="ignore"))
    phones = (
        [_phones(text) for text in as_texts(services["phone"])]
        if "phone" in services.columns
        else [frozenset[str]()] * len(rows)
    )
    names = [plain(text) for text in rows["name"]]
    return _Fields(
        names=names,
        telling=_telling(names),
        bodies=[plain(text) for text in rows["organisation"]],
        postcodes=[str(text) for text in rows["postcode"]],
        points=placed[["easting", "northing"]].to_numpy(dtype=float),
        phones=phones,
        urls=[_url(text) for text in rows["url"]],
        categories=[str(text) for text in rows["category"]],
        serves=[
            frozenset(plain(part) for part in text.split(";") if part) for text in rows["serves"]
        ],
    )


def _telling(names: list[str]) -> list[str]:
    """The words of each name that few others have."""
    words = [dict.fromkeys(name.split()) for name in names]
    often = Counter(word for mine in words for word in mine)
    most = max(_OFTEN, len(names) // 50)
    return [
        " ".join(word for word in mine if word not in _COMMON and often[word] <= most)
        for mine in words
    ]


def _phones(text: str) -> frozenset[str]:
    """Telephone numbers by their last nine digits, so that +44 and 0 are alike."""
    found = re.findall(r"[\d][\d\s()-]{8,}", text[:500])
    digits = (re.sub(r"\D", "", number) for number in found)
    return frozenset(number[-9:] for number in digits if len(number) >= 10)


def _url(text: str) -> str:
    """An address without what does not tell: scheme, www, query and the last slash."""
    first = re.split(r"[;\s]", text.strip().lower())[0]
    return re.sub(r"^https?://(www\.)?", "", first).split("?")[0].split("#")[0].rstrip("/")


def _pairs(fields: _Fields) -> Iterable[tuple[int, int]]:
    """Pairs of rows that share something telling; a block that is too large tells nothing."""
    blocks: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place in range(len(fields.names)):
        for word in set(fields.names[place].split()) - _COMMON:
            if len(word) > 2:
                # First letters, so that one slip of the hand at the end of a word does no harm.
                blocks["word", word[:6]].append(place)
        blocks["name", fields.names[place]].append(place)
        blocks["postcode", fields.postcodes[place]].append(place)
        blocks["url", fields.urls[place]].append(place)
        for number in fields.phones[place]:
            blocks["phone", number].append(place)
    pairs: set[tuple[int, int]] = set()
    for (_, key), places in blocks.items():
        if key and 2 <= len(places) <= _LARGEST_BLOCK:
            pairs.update(combinations(places, 2))
    return sorted(pairs)


def _score(fields: _Fields, a: int, b: int) -> tuple[float, list[str]]:
    from rapidfuzz import fuzz

    score, why = 0.0, []

    def add(name: str, agree: bool | None, words: str) -> None:
        nonlocal score
        if agree is None:
            return
        score += WEIGHTS[name][0 if agree else 1]
        why.append(words if agree else f"not {words}")

    # Words that many names have say nothing: "Hillview Early Learning and Childcare Centre" is
    # not alike to "Glenburn Early Learning and Childcare Centre".
    if fields.telling[a] and fields.telling[b]:
        alike = fuzz.token_set_ratio(fields.telling[a], fields.telling[b])
    else:
        alike = fuzz.ratio(fields.names[a], fields.names[b])
    if fields.names[a] and fields.names[b]:
        agree = True if alike >= _ALIKE else False if alike < _UNLIKE else None
        add("name", agree, f"names alike ({alike:.0f} of 100)")
    if fields.bodies[a] and fields.bodies[b]:
        like = fuzz.token_set_ratio(fields.bodies[a], fields.bodies[b])
        agree = True if like >= _ALIKE else False if like < _UNLIKE else None
        add("organisation", agree, "same organisation")
    if fields.postcodes[a] and fields.postcodes[b]:
        add("postcode", fields.postcodes[a] == fields.postcodes[b], "same postcode")
    apart = float(np.hypot(*(fields.points[a] - fields.points[b])))
    if apart == apart and fields.postcodes[a] != fields.postcodes[b]:
        agree = True if apart <= _NEAR else False if apart > _FAR else None
        add("place", agree, f"near each other ({apart / 1000:,.1f} km apart)")
    if fields.phones[a] and fields.phones[b]:
        add("phone", bool(fields.phones[a] & fields.phones[b]), "same telephone")
    if fields.urls[a] and fields.urls[b]:
        whole = "/" in fields.urls[a]  # a body's front page is shared by all of its services
        if fields.urls[a] != fields.urls[b] or whole:
            add("url", fields.urls[a] == fields.urls[b], "same web page")
    if fields.categories[a] and fields.categories[b]:
        add("category", fields.categories[a] == fields.categories[b], "same kind of service")
    if fields.serves[a] and fields.serves[b]:
        # Lists name areas at different levels: only disjoint claims to councils and boards differ.
        shared = fields.serves[a] & fields.serves[b]
        add("serves", bool(shared), "same area served")
    return score, why
