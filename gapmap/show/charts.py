"""Charts that stand beside the maps: each is one finding, and carries its numbers with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from gapmap.errors import InputError
from gapmap.show.areas import Entry, legend
from gapmap.show.figure import (
    MapFigure,
    font,
    foot,
    line_height,
    page,
    plain,
    width_of,
    wrap,
)
from gapmap.show.style import (
    CATEGORICAL,
    CHARCOAL,
    DEFAULT,
    INK,
    MUTED,
    NAVY,
    ORANGE,
    SKY,
    STATE_LOOKS,
    Style,
    readable,
)
from gapmap.vocabulary import (
    CATEGORIES,
    MEASURED_STATUSES,
    ROLES,
    STATES,
    WEIGHTS,
    category_label,
    label,
)
from gapmap.words import date_in_words, share_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

_GRID = "#D5DADF"
_MOST_CURVES = 6


def travel_curves(
    people: pd.DataFrame,
    nearest: pd.DataFrame,
    *,
    category: str,
    by: str,
    names: Mapping[str, str] | pd.Series | None = None,
    show: Sequence[str] | None = None,
    weight: str = "under_5",
    longest: int = 120,
    title: str | None = None,
    subtitle: str = "",
    source: str | Sequence[str] = (),
    method: str = "",
    style: Style = DEFAULT,
) -> MapFigure:
    """Share of people within t minutes of the nearest service of a kind, for groups of them.

    People without minutes (no known service, no way there, a base that is not recorded) stay in the
    whole, so that a curve ends where the measured ones end and not at 100%.

    Parameters
    ----------
    people
        Postcode (index), the weight, and the column that groups are made by.
    nearest
        Columns postcode, category, rank, minutes, status.
    category
        Kind of service.
    by
        Column of people: board_code, urban_rural...
    names
        What to call each group.
    show
        Groups to draw in colour; the others are thin and grey. By default six: those with the
        highest and the lowest share, and others between.
    weight
        Column of people.
    longest
        Minutes at which the chart ends.
    title, subtitle, source, method, style
        As for :func:`gapmap.show.choropleth.choropleth`.

    Returns
    -------
    matplotlib.figure.Figure
        ``gapmap_data`` has a row per minute and a column per group, shares from 0 to 1.

    Raises
    ------
    InputError
        If nothing is known of the category, or people lack a column.
    """
    missing = {by, weight} - set(people.columns)
    if missing:
        raise InputError(f"The people lack the column {', '.join(sorted(missing))}.")
    of = nearest[(nearest["category"] == category) & (nearest["rank"] == 1)]
    if of.empty:
        raise InputError(f'The nearest table has nothing on "{category}".')
    rows = people[[by, weight]].join(of.set_index("postcode")[["minutes", "status"]], how="inner")
    rows = rows[rows[by].notna() & rows[by].astype(str).ne("")]
    measured = rows["status"].astype(str).isin(MEASURED_STATUSES).to_numpy()
    minutes = np.where(measured, rows["minutes"].to_numpy(dtype=float), np.inf)
    steps = np.arange(longest + 1)
    shares: dict[str, np.ndarray] = {}
    for group, place in rows.groupby(by, sort=True).indices.items():
        weights = rows[weight].to_numpy(dtype=float)[place]
        order = np.argsort(minutes[place], kind="stable")
        sums = np.concatenate([[0.0], np.cumsum(weights[order])])
        reached = np.searchsorted(minutes[place][order], steps, side="right")
        total = weights.sum()
        shares[str(group)] = sums[reached] / total if total else np.full(len(steps), np.nan)
    data = pd.DataFrame(shares, index=pd.Index(steps, name="minutes"))
    said = {} if names is None else dict(names.items())
    called = {group: plain(said.get(group, group), style=style) for group in data}
    rank = data.loc[min(30, longest)].sort_values(kind="stable").index.tolist()
    if show is None:
        spread = np.unique(np.linspace(0, len(rank) - 1, _MOST_CURVES).round().astype(int))
        show = rank if len(rank) <= _MOST_CURVES else [rank[n] for n in spread]
    show = [str(group) for group in show]
    unknown = [group for group in show if group not in data]
    if unknown:
        raise InputError(
            f"There is no {by} {', '.join(unknown)}. There are: {', '.join(map(str, data))}."
        )
    low, high = rank[0], rank[-1]
    at = min(30, longest)
    figure, top = page(
        title
        or f"{category_label(category)}: within {at} minutes live "
        f"{share_in_words(float(data.loc[at, high]))} in {called[high]} and "
        f"{share_in_words(float(data.loc[at, low]))} in {called[low]}",
        subtitle or f"Share of {WEIGHTS.get(weight, weight)} by time to the nearest one",
        foot(source, method),
        body_height=96,
        style=style,
    )
    axes = _axes(figure, 14, top + 3, style.width_mm - 62, 80, style)
    for group in data:
        if group not in show:
            axes.plot(steps, data[group] * 100, color="#B4BCC4", linewidth=0.8)
    ends = []
    for n, group in enumerate(show):
        colour = CATEGORICAL[n % len(CATEGORICAL)]
        dash = "-" if n < len(CATEGORICAL) // 2 else (0, (4, 1.5))
        axes.plot(steps, data[group] * 100, color=colour, linewidth=1.8, linestyle=dash)
        told = f"{called[group]}: {data.loc[at, group] * 100:.0f}%"
        ends.append((float(data[group].iloc[-1] * 100), told, colour))
    axes.axvline(at, color=CHARCOAL, linewidth=0.8, linestyle=(0, (1, 2)))
    axes.set_xlim(0, longest)
    axes.set_ylim(0, 100)
    axes.set_xticks(range(0, longest + 1, 15 if longest <= 120 else 30))
    axes.set_yticks(range(0, 101, 25), [f"{n}%" for n in range(0, 101, 25)])
    _titles(axes, "Minutes by car, ferries counted", style)
    _side_labels(figure, axes, ends, left=style.width_mm - 46, style=style)
    figure.gapmap_data = data
    figure.gapmap_alt = (
        f"Line chart. {figure.gapmap_title}. Within {at} minutes: "
        + "; ".join(f"{called[g]} {share_in_words(float(data.loc[at, g]))}" for g in rank[::-1])
        + "."
    )
    return figure


def dot_plot(
    table: pd.DataFrame,
    *,
    value: str,
    low: str | None = None,
    high: str | None = None,
    name: str = "area_name",
    unit: str = "",
    percent: bool = False,
    national: float | None = None,
    title: str,
    subtitle: str = "",
    source: str | Sequence[str] = (),
    method: str = "",
    style: Style = DEFAULT,
) -> MapFigure:
    """Areas in order of a number, each a dot, with the bounds between which the truth must lie.

    Parameters
    ----------
    table
        One row per area.
    value, low, high
        Columns of the number and its bounds; an area without a number is listed and has no dot.
    name
        Column of the names.
    unit
        What the axis counts.
    percent
        Whether the numbers are shares from 0 to 1, to be shown as per cent.
    national
        Drawn as a line.
    title, subtitle, source, method, style
        As for :func:`gapmap.show.choropleth.choropleth`.

    Returns
    -------
    matplotlib.figure.Figure
        ``gapmap_data`` has the rows in the order drawn.

    Raises
    ------
    InputError
        If a column is missing or the table is empty.
    """
    wanted = [one for one in (name, value, low, high) if one is not None]
    missing = [one for one in wanted if one not in table]
    if missing or table.empty:
        raise InputError(
            f"The table lacks the column {', '.join(missing)}." if missing else "No row to draw."
        )
    rows = table[list(dict.fromkeys(wanted))].sort_values(
        [value, name], ascending=[False, True], na_position="last", kind="stable"
    )
    rows = rows.reset_index(drop=True)
    each = 5.2
    figure, top = page(
        title,
        subtitle,
        foot(source, method),
        body_height=len(rows) * each + (19 if unit else 14),
        style=style,
    )
    called = [plain(one, style=style, longest=44) for one in rows[name]]
    room = min(max(width_of(one, 8, style=style) for one in called) + 4, 62.0)
    axes = _axes(figure, 4 + room, top + 2, style.width_mm - room - 32, len(rows) * each, style)
    factor = 100.0 if percent else 1.0
    numbers = rows[value].to_numpy(dtype=float) * factor
    bottom = (rows[low] if low else rows[value]).to_numpy(dtype=float) * factor
    upper = (rows[high] if high else rows[value]).to_numpy(dtype=float) * factor
    for n in range(len(rows)):
        if np.isfinite(bottom[n]) and np.isfinite(upper[n]) and upper[n] > bottom[n]:
            axes.plot([bottom[n], upper[n]], [n, n], color=SKY, linewidth=3.2)
            for end in (bottom[n], upper[n]):
                axes.plot([end, end], [n - 0.22, n + 0.22], color=NAVY, linewidth=0.9)
        if np.isfinite(numbers[n]):
            axes.plot([numbers[n]], [n], marker="o", markersize=5, color=NAVY, clip_on=False)
    if national is not None:
        axes.axvline(national * factor, color=ORANGE, linewidth=1.2, linestyle=(0, (4, 2)))
        axes.text(
            national * factor, -0.9, "Scotland", fontproperties=font(style, 7), ha="center",
            va="bottom", color=INK,
        )  # fmt: skip
    axes.set_ylim(len(rows) - 0.4, -0.6)
    largest = np.nanmax([*upper, *numbers, 0.0])
    axes.set_xlim(0, 100 if percent else max(largest * 1.05, 1e-9))
    axes.set_yticks(range(len(rows)), called)
    if percent:
        axes.set_xticks(range(0, 101, 25), [f"{n}%" for n in range(0, 101, 25)])
    _titles(axes, unit, style)
    places = 0 if percent or largest >= 50 else 1
    mark = "%" if percent else ""
    for n, number in enumerate(numbers):
        told = f"{number:,.{places}f}{mark}" if np.isfinite(number) else "not known"
        if np.isfinite(bottom[n]) and np.isfinite(upper[n]) and upper[n] > bottom[n]:
            told = f"{bottom[n]:,.{places}f} to {upper[n]:,.{places}f}{mark}"
        at = top + 2 + (n + 0.5) * each - line_height(8) / 2
        figure.write(style.width_mm - 4, at, told, size=8, align="right")
    figure.gapmap_data = rows
    spoken = []
    for n, one in enumerate(called):
        text = "not known" if not np.isfinite(numbers[n]) else f"{numbers[n]:.4g}"
        if np.isfinite(bottom[n]) and np.isfinite(upper[n]) and upper[n] > bottom[n]:
            text += f" (between {bottom[n]:.4g} and {upper[n]:.4g})"
        spoken.append(f"{one} {text}")
    figure.gapmap_alt = (
        f"Dot plot. {figure.gapmap_title}. {unit}{' in per cent' if percent else ''}: "
        f"{'; '.join(spoken)}."
    )
    return figure


def state_matrix(
    coverage: pd.DataFrame,
    *,
    level: str = "board",
    values: Sequence[str] | None = None,
    title: str | None = None,
    subtitle: str = "",
    source: str | Sequence[str] = (),
    method: str = "",
    style: Style = DEFAULT,
) -> MapFigure:
    """Every area by every kind of service: what is there, what was looked for, what nobody knows.

    Parameters
    ----------
    coverage
        Columns level, area_code, area_name, dimension, value, state.
    level
        Level of the rows.
    values
        Kinds of service to show; by default all, those of the specialist tier first.
    title, subtitle, source, method, style
        As for :func:`gapmap.show.choropleth.choropleth`.

    Returns
    -------
    matplotlib.figure.Figure
        ``gapmap_data`` has an area per row and a kind per column, with states.

    Raises
    ------
    InputError
        If the frame has no such rows.
    """
    of = coverage[(coverage["level"] == level) & (coverage["dimension"] == "category")]
    if values is not None:
        of = of[of["value"].isin(values)]
    if of.empty:
        raise InputError(f'The coverage frame has no kinds of service at the level "{level}".')
    data = of.pivot(index="area_name", columns="value", values="state").sort_index()
    order = [code for code in CATEGORIES if code in data] + sorted(set(data) - set(CATEGORIES))
    data = data[list(values) if values is not None else order]
    unknown = int((data == "not_known").to_numpy().sum())
    each = 5.4
    room = 46.0
    wide = min((style.width_mm - 18 - room) / len(data.columns), 14.0)
    heads = [plain(category_label(code), style=style) for code in data]
    # The heads lean by 60 degrees; the last one leans out to the right.
    longest = [width_of(head, 7, style=style) for head in heads]
    slope = max(longest) * 0.87 + 3
    figure, top = page(
        title
        or f"Of {data.size:,} answers that a planner would want, {unknown:,} are not yet known",
        subtitle,
        foot(source, method),
        body_height=slope + len(data) * each + 16,
        style=style,
    )
    page_width, page_height = figure.size_mm
    for n, head in enumerate(heads):
        figure.text(
            (4 + room + (n + 0.45) * wide) / page_width,
            1 - (top + slope - 1) / page_height,
            head,
            fontproperties=font(style, 7),
            rotation=60,
            rotation_mode="anchor",
            ha="left",
            va="center",
            parse_math=False,
        )
    axes = figure.place(4 + room, top + slope, wide * len(data.columns), each * len(data))
    axes.set_axis_off()
    axes.set_xlim(0, len(data.columns))
    axes.set_ylim(len(data), 0)
    for row, (area, states) in enumerate(data.iterrows()):
        name = plain(str(area).removeprefix("NHS "), style=style, longest=34)
        figure.write(4, top + slope + row * each + (each - line_height(8)) / 2, name, size=8)
        for column, state in enumerate(states):
            look = STATE_LOOKS[str(state)]
            axes.add_artist(
                Rectangle(
                    (column + 0.04, row + 0.06),
                    0.92,
                    0.88,
                    facecolor=look.fill,
                    edgecolor=look.ink if look.hatch else "none",
                    hatch=look.hatch or None,
                    linewidth=0,
                    gid=f"cell-{row}-{column}",
                )
            )
            axes.add_artist(
                Rectangle(
                    (column + 0.04, row + 0.06),
                    0.92,
                    0.88,
                    facecolor="none",
                    edgecolor=CHARCOAL,
                    linewidth=0.3,
                )
            )
    entries = [
        Entry(STATE_LOOKS[code], f"{words} ({int((data == code).to_numpy().sum())})")
        for code, words in STATES.items()
    ]
    down = top + slope + len(data) * each + 2
    for n, part in enumerate((entries[:2], entries[2:])):
        legend(figure, 4 + n * 76, down, 74, "", part, style=style)
    figure.gapmap_data = data
    figure.gapmap_alt = (
        f"Table as a picture. {figure.gapmap_title}. "
        + "; ".join(entry.text for entry in entries)
        + ". "
        + " ".join(
            f"{category_label(str(code))}: not yet known in "
            f"{int((data[code] == 'not_known').sum())} of {len(data)}."
            for code in data
        )
    )
    return figure


def fragility_calendar(
    months: pd.DataFrame,
    *,
    category: str | None = None,
    title: str | None = None,
    subtitle: str = "",
    source: str | Sequence[str] = (),
    method: str = "",
    style: Style = DEFAULT,
) -> MapFigure:
    """How many services are left month by month if money that ends is not renewed.

    Parameters
    ----------
    months
        Columns date, category, services_best (unknown money lasts) and services_worst (unknown
        money ends as soon as it can).
    category
        One kind of service; all together if not given.
    title, subtitle, source, method, style
        As for :func:`gapmap.show.choropleth.choropleth`.

    Returns
    -------
    matplotlib.figure.Figure
        ``gapmap_data`` has date, services_best, services_worst.

    Raises
    ------
    InputError
        If the table has no row for the category.
    """
    of = months if category is None else months[months["category"] == category]
    if of.empty:
        raise InputError(f'The calendar has nothing on "{category}".')
    data = of.groupby("date", sort=True)[["services_best", "services_worst"]].sum().reset_index()
    days = pd.to_datetime(data["date"]).to_numpy()
    first, best, worst = (
        int(data["services_best"].iloc[0]),
        int(data["services_best"].iloc[-1]),
        int(data["services_worst"].iloc[-1]),
    )
    end = date_in_words(str(data["date"].iloc[-1])[:10])
    what = "services" if category is None else f"services ({category_label(category)})"
    figure, top = page(
        title
        or f"Of {first} {what} between {worst} and {best} are left on {end} if no money is renewed",
        subtitle or "Services that count, month by month",
        foot(source, method),
        body_height=80,
        style=style,
    )
    axes = _axes(figure, 14, top + 3, style.width_mm - 62, 66, style)
    axes.fill_between(
        days, data["services_worst"], data["services_best"], step="post", color=SKY, alpha=0.35,
        linewidth=0,
    )  # fmt: skip
    axes.step(days, data["services_best"], where="post", color=NAVY, linewidth=1.8)
    axes.step(
        days,
        data["services_worst"],
        where="post",
        color=ORANGE,
        linewidth=1.8,
        linestyle=(0, (4, 1.5)),
    )
    axes.set_xlim(days[0], days[-1])
    axes.set_ylim(0, max(first, 1) * 1.08)
    if best - worst > first / 8:
        axes.text(
            days[len(days) // 2],
            (best + worst) / 2,
            f"{best - worst} may be left or not:\nnobody has told us how they are paid,\n"
            "or their money may be renewed",
            fontproperties=font(style, 8),
            color=INK,
            ha="center",
            va="center",
            parse_math=False,
        )
    years = sorted({str(day)[:4] for day in data["date"].astype(str)})
    marks = [np.datetime64(f"{year}-01-01") for year in years[1:]]
    axes.set_xticks(marks, [str(mark)[:4] for mark in marks])
    _titles(axes, "", style)
    _side_labels(
        figure,
        axes,
        [
            (float(best), f"Best: all unknown money lasts ({best})", NAVY),
            (float(worst), f"Worst: none of it does ({worst})", ORANGE),
        ],
        left=style.width_mm - 46,
        style=style,
    )
    figure.gapmap_data = data
    figure.gapmap_alt = (
        f"Step chart. {figure.gapmap_title}. At first {first}; at the end {best} at best and "
        f"{worst} at worst."
    )
    return figure


def pathways(
    referrals: pd.DataFrame,
    services: pd.DataFrame,
    *,
    categories: Sequence[str] | None = None,
    title: str | None = None,
    subtitle: str = "",
    source: str | Sequence[str] = (),
    method: str = "",
    style: Style = DEFAULT,
) -> MapFigure:
    """Who can refer to which kind of service, as far as is recorded.

    Parameters
    ----------
    referrals
        Columns from_role, accepted (yes, no, unknown) and service_id or category.
    services
        Columns service_id and category.
    categories
        Kinds to show; by default every one that has a route.
    title, subtitle, source, method, style
        As for :func:`gapmap.show.choropleth.choropleth`.

    Returns
    -------
    matplotlib.figure.Figure
        ``gapmap_data`` has role, category, accepted and the number of routes.

    Raises
    ------
    InputError
        If there is no route to draw.
    """
    missing = {"from_role", "accepted", "service_id", "category"} - set(referrals.columns)
    if missing:
        raise InputError(f"The referral routes lack the column {', '.join(sorted(missing))}.")
    of_service = services.drop_duplicates("service_id").set_index("service_id")["category"]
    rows = referrals[referrals["from_role"].astype(str).ne("")].copy()
    own = rows["service_id"].map(of_service)
    rows["category"] = rows["category"].where(rows["category"].astype(str).ne(""), own)
    rows = rows[rows["category"].notna()]
    if categories is not None:
        rows = rows[rows["category"].isin(categories)]
    if rows.empty:
        raise InputError("No referral route is recorded for these kinds of service.")
    data = (
        rows.groupby(["from_role", "category", "accepted"], sort=True)
        .size()
        .rename("routes")
        .reset_index()
    )
    roles = [role for role in ROLES if role in set(data["from_role"])]
    roles += sorted(set(data["from_role"]) - set(roles))
    kinds = [code for code in CATEGORIES if code in set(data["category"])]
    kinds += sorted(set(data["category"]) - set(kinds))
    each = 8.6
    tall = max(len(roles), len(kinds)) * each
    open_to_family = data[(data["from_role"] == "self") & (data["accepted"] == "yes")]
    figure, top = page(
        title
        or f"A family can come by itself to {open_to_family['category'].nunique()} of "
        f"{len(kinds)} kinds of service that have a recorded way in",
        subtitle,
        foot(source, method),
        body_height=tall + 17,
        style=style,
    )
    axes = figure.place(4, top + 6, style.width_mm - 8, tall)
    width = style.width_mm - 8
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(tall, 0)
    at_role = {role: (n + 0.5) * tall / len(roles) for n, role in enumerate(roles)}
    at_kind = {kind: (n + 0.5) * tall / len(kinds) for n, kind in enumerate(kinds)}
    looks: dict[str, tuple[str, Any]] = {
        "yes": (NAVY, "-"),
        "unknown": ("#7A7A7A", (0, (1, 2))),
        "no": ("#B4460F", (0, (5, 2))),
    }
    left, right = 42.0, width - 52.0
    t = np.linspace(0, 1, 40)
    for row in data.to_dict("records"):
        colour, dash = looks.get(str(row["accepted"]), looks["unknown"])
        y0, y1 = at_role[row["from_role"]], at_kind[row["category"]]
        bend = t**2 * (3 - 2 * t)
        axes.plot(
            left + (right - left) * t,
            y0 + (y1 - y0) * bend,
            color=colour,
            linestyle=dash,
            linewidth=min(0.7 + 0.45 * row["routes"], 4.0),
            alpha=0.85,
        )
        if row["accepted"] == "no":
            axes.plot([right - 4], [y1], marker="x", markersize=6, color=colour)
    for role, y in at_role.items():
        _node(axes, left - 1.5, y, label(role, ROLES), "right", style)
    for kind, y in at_kind.items():
        _node(axes, right + 1.5, y, category_label(kind), "left", style)
    figure.write(4, top, "Who refers", size=8, bold=True)
    figure.write(4 + right + 1.5, top, "To what", size=8, bold=True)
    down = top + tall + 9
    for n, (code, words) in enumerate(
        (("yes", "Accepted; thicker: more routes"), ("unknown", "Not known"), ("no", "Refused"))
    ):
        colour, dash = looks[code]
        page_width, page_height = figure.size_mm
        x = 4 + n * 58
        figure.add_artist(
            Line2D(
                [x / page_width, (x + 9) / page_width],
                [1 - (down + 1.6) / page_height] * 2,
                color=colour,
                linestyle=dash,
                linewidth=1.8,
            )
        )
        figure.write(x + 11, down, words, size=8)
    figure.gapmap_data = data
    figure.gapmap_alt = (
        f"Diagram of referral routes. {figure.gapmap_title}. "
        + "; ".join(
            f"{category_label(str(row['category']))} from {label(str(row['from_role']), ROLES)}: "
            f"{row['accepted']}"
            for row in data.to_dict("records")
        )
        + "."
    )
    return figure


# -- shared parts ---------------------------------------------------------------------------------


def _axes(
    figure: MapFigure, left: float, top: float, width: float, height: float, style: Style
) -> Axes:
    axes = figure.place(left, top, width, height)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(MUTED)
    axes.grid(axis="x" if height > 90 else "both", color=_GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=INK)
    return axes


def _titles(axes: Axes, below: str, style: Style) -> None:
    for text in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        text.set_fontproperties(font(style, 8))
        text.set_parse_math(False)
    if below:
        axes.set_xlabel(plain(below), fontproperties=font(style, 8), color=MUTED)


def _side_labels(
    figure: MapFigure,
    axes: Axes,
    ends: Sequence[tuple[float, str, str]],
    *,
    left: float,
    style: Style,
) -> None:
    """Names at the ends of lines, in the lines' order and moved apart."""
    page_height = figure.size_mm[1]
    place = axes.get_position()
    low, high = axes.get_ylim()
    wanted = []
    for value, text, colour in sorted(ends, key=lambda one: (-one[0], one[1])):
        share = (value - low) / (high - low)
        y = (1 - (place.y0 + share * place.height)) * page_height
        lines = wrap(text, style.width_mm - 4 - left, 8, bold=True, style=style)
        wanted.append([y, lines, readable(colour)])
    floor = (1 - place.y1) * page_height - 2
    for one in wanted:
        tall = len(one[1]) * line_height(8)
        one[0] = max(one[0] - tall / 2, floor)
        floor = one[0] + tall + 0.6
    # If the pile runs past the axis, it moves up as a whole as far as it must.
    over = floor - ((1 - place.y0) * page_height + 3)
    for y, lines, colour in wanted:
        figure.write(left, y - max(over, 0.0), "\n".join(lines), size=8, colour=colour, bold=True)


def _node(axes: Axes, x: float, y: float, text: str, align: str, style: Style) -> None:
    lines = wrap(plain(text, style=style), 48 if align == "left" else 38, 8, style=style)
    axes.text(
        x,
        y,
        "\n".join(lines),
        fontproperties=font(style, 8),
        color=INK,
        ha=align,
        va="center",
        parse_math=False,
    )
