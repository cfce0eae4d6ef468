"""Pathways: who can refer to whom, and which roles have no way to a specialist service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from gapmap.provision.coverage import Provision, provision, reach
from gapmap.vocabulary import CATEGORIES, ROLES, columns, label
from gapmap.words import list_in_words, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gapmap.study import Study

#: The universal roles that can be a family's way in.
WAYS_IN = (
    "midwife",
    "health_visitor",
    "family_nurse",
    "gp",
    "nursery",
    "social_work",
    "third_sector",
    "self",
)

#: A professional of any kind: everybody but the family itself.
_PROFESSIONALS = frozenset(WAYS_IN) - {"self"}

#: Surest first. A route that nobody recorded is unknown, never refused.
ROUTES = ("confirmed", "possible", "refused", "unknown")

#: The one node behind every specialist service, so that "any of them" is one question.
_GOAL = ("goal", "")


def routes(study: Study, *, known: Provision | None = None) -> pd.DataFrame:
    """Tell of every counting service whether it accepts each role (and each kind of service).

    Only routes of kind ``referral`` are ways in: consultation, signposting and what is merely
    reported are not. *Confirmed* and *refused* are said of the service itself. *Possible*: its
    category is said to accept the role, nationally or where the service is, or another service
    of the category accepts it. Everything else is *unknown*.

    Parameters
    ----------
    study
        Its table referrals: service_id or category (and area_code), from_role (or from_category),
        accepted (yes, no, unknown), route_kind.
    known
        What ``provision`` returned for this study.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["referral_routes"]``, one row per counting service
        and role, and one per service and kind of service that is said to refer to it.

    Examples
    --------
    >>> import gapmap as gm
    >>> table = routes(gm.scotland()).set_index(["service_id", "from_role"])
    >>> table.loc[("S0003", "midwife"), "route"]
    'confirmed'
    """
    known = provision(study) if known is None else known
    services = study.services[known.counting["counts"].to_numpy(bool)]
    services = services.drop_duplicates("service_id")
    own, usual = _said(study)
    rows = []
    for service, name, category, tier in zip(
        services["service_id"],
        services["name"],
        services["category"],
        services["tier"],
        strict=True,
    ):
        said = own.get(service, {})
        usually = usual.get(category, {})
        kinds = sorted(
            {who for who in (*said, *usually) if who[0] == "category"}, key=lambda who: who[1]
        )
        for who in [*(("role", role) for role in WAYS_IN), *kinds]:
            rows.append(
                {
                    "service_id": service,
                    "name": name,
                    "category": category,
                    "tier": tier,
                    "from_role": who[1] if who[0] == "role" else "",
                    "from_category": who[1] if who[0] == "category" else "",
                    "route": said.get(who) or usually.get(who) or "unknown",
                }
            )
    return pd.DataFrame(rows, columns=columns("referral_routes"))


_Who = tuple[str, str]


def _said(study: Study) -> tuple[dict[str, dict[_Who, str]], dict[str, dict[_Who, str]]]:
    """What each service said of each role or kind of service; and what its category is like."""
    own: dict[str, dict[_Who, str]] = {}
    usual: dict[str, dict[_Who, str]] = {}
    table = study.table("referrals")
    if table.empty:
        return own, usual
    of_service = dict(zip(study.services["service_id"], study.services["category"], strict=True))
    cells = ["service_id", "category", "from_role", "from_category", "accepted", "route_kind"]
    # What is said of one role by name outweighs what is said of any professional.
    ordered = table.reindex(columns=cells, fill_value="").fillna("")
    ordered = ordered.iloc[(ordered["from_role"] != "any_professional").to_numpy().argsort()]
    for service, category, role, from_category, accepted, kind in ordered.itertuples(
        index=False, name=None
    ):
        if kind not in ("referral", "") or accepted not in ("yes", "no"):
            continue
        whom: list[_Who]
        if from_category:
            whom = [("category", from_category)]
        elif role == "any_professional":
            whom = [("role", one) for one in sorted(_PROFESSIONALS)]
        else:
            whom = [("role", role)]
        for who in whom:
            if service:
                own.setdefault(service, {})[who] = "confirmed" if accepted == "yes" else "refused"
                category = of_service.get(service, "")
            if accepted == "yes":
                usual.setdefault(category, {})[who] = "possible"
    return own, usual


def _graph(rows: pd.DataFrame, target: str, accept: frozenset[str]) -> Any:
    """Roles, services and one goal behind the services of the target, as a directed graph."""
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(("role", role) for role in WAYS_IN)
    graph.add_node(_GOAL)
    # As lists: a graph is made for every area and target, and columns of text are slow to walk.
    ids = rows["service_id"].tolist()
    kind = dict(zip(ids, rows["category"].tolist(), strict=True))
    tier = dict(zip(ids, rows["tier"].tolist(), strict=True))
    for service in sorted(kind):
        hit = tier[service] == "specialist" if target == "any" else kind[service] == target
        if hit:
            graph.add_edge(("service", service), _GOAL)
    of_kind: dict[str, list[str]] = {}
    for service in sorted(kind):
        of_kind.setdefault(kind[service], []).append(service)
    said = (rows[name].tolist() for name in ("from_role", "from_category", "route"))
    for service, role, category, route in zip(ids, *said, strict=True):
        if route not in accept:
            continue
        if role:
            graph.add_edge(("role", role), ("service", service))
        for other in of_kind.get(category, []):
            if other != service:
                graph.add_edge(("service", other), ("service", service))
    return graph


def pathways(
    study: Study,
    *,
    level: str = "board",
    known: Provision | None = None,
    said: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Tell from each universal role whether there is a way to a specialist service (11).

    A way is a chain of referrals between services that count and serve the area, from the role
    to a specialist service. Its length is the number of referrals. A single point of failure is a
    service on every confirmed way (a dominator of the goal in the graph of routes; Lengauer and
    Tarjan 1979).

    Parameters
    ----------
    study
        The study.
    level
        Kind of area.
    known
        What ``provision`` returned for this study.
    said
        What ``routes`` returned for it.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["pathways"]``, one row per area, target (each
        specialist category and any of them) and role: status (confirmed, possible, refused,
        unknown, or no_service where we know no service of the target), steps of the shortest
        way, the way itself, single points of failure, sentence.

    Examples
    --------
    >>> import gapmap as gm
    >>> ways = pathways(gm.scotland())
    >>> some = ways[(ways["area_code"] == "S08000031") & (ways["target"] == "any")]
    >>> some.set_index("from_role").loc["midwife", "status"]
    'confirmed'
    """
    import networkx as nx

    known = provision(study) if known is None else known
    said = routes(study, known=known) if said is None else said
    ids = study.services["service_id"].to_dict()
    names = {
        service: shown(name) for service, name in zip(said["service_id"], said["name"], strict=True)
    }
    reached = reach(study, known, level)
    here = {
        code: {ids[row] for row in rows}
        for code, rows in reached.groupby("area_code")["row"].agg(list).items()
    }
    areas = study.level(level)
    targets = ["any", *(c.code for c in CATEGORIES.values() if c.tier == "specialist")]
    told = []
    for code, area in zip(areas["code"], areas["name"], strict=True):
        rows = said[said["service_id"].isin(here.get(code, set()))]
        for target in targets:
            sure = _graph(rows, target, frozenset({"confirmed"}))
            maybe = _graph(rows, target, frozenset({"confirmed", "possible"}))
            hits = {node[1] for node in sure.predecessors(_GOAL)}
            direct = rows[rows["service_id"].isin(hits)]
            for role in WAYS_IN:
                start = ("role", role)
                status, way, points = "unknown", [], []
                if not hits:
                    status = "no_service"
                elif nx.has_path(sure, start, _GOAL):
                    status = "confirmed"
                    way = nx.shortest_path(sure, start, _GOAL)[1:-1]
                    points = _points(sure, start)
                elif nx.has_path(maybe, start, _GOAL):
                    status = "possible"
                    way = nx.shortest_path(maybe, start, _GOAL)[1:-1]
                else:
                    answers = set(direct.loc[direct["from_role"] == role, "route"])
                    status = "refused" if answers == {"refused"} else "unknown"
                record = {
                    "level": level,
                    "area_code": code,
                    "area_name": area,
                    "target": target,
                    "from_role": role,
                    "status": status,
                    "steps": float(len(way)) if way else float("nan"),
                    "way": " > ".join(names[service] for _, service in way),
                    "single_points": ";".join(names[service] for service in points),
                }
                told.append(record | {"sentence": _sentence(record)})
    return pd.DataFrame(told, columns=columns("pathways"))


def _points(graph: Any, start: _Who) -> list[str]:
    """Services on every way from a role to the goal, in order."""
    import networkx as nx

    above = nx.immediate_dominators(graph, start)
    found = []
    node = above.get(_GOAL)
    while node is not None and node != start:
        found.append(node[1])
        node = above.get(node)
    return found[::-1]


def _sentence(record: Mapping[str, object]) -> str:
    role = ROLES[str(record["from_role"])].lower().replace("gp", "GP")
    target = str(record["target"])
    what = (
        "specialist service" if target == "any" else f"{CATEGORIES[target].label.lower()} service"
    )
    if record["status"] == "confirmed":
        said = f"From {role}: {record['way']}."
        points = str(record["single_points"])
        if points:
            said += f" Every way that we know goes through {list_in_words(points.split(';'))}."
        return said
    if record["status"] == "possible":
        return f"From {role}: probably {record['way']}; that it accepts them is not confirmed."
    if record["status"] == "refused":
        return f"From {role}: no {what} accepts them directly."
    if record["status"] == "no_service":
        return f"From {role}: we know no {what} here."
    return f"From {role}: whether any {what} accepts them is not known."


def new_links(
    study: Study,
    *,
    level: str = "board",
    known: Provision | None = None,
    said: pd.DataFrame | None = None,
    first: int = 5,
) -> pd.DataFrame:
    """Rank the single new links that would open a specialist service to the most roles.

    A new link is one service, or one role, accepted by one specialist service that serves the
    area. A service brings with it every role that has a confirmed way to it.

    Parameters
    ----------
    study
        The study.
    level
        Kind of area.
    known, said
        As for ``pathways``.
    first
        How many to tell of each area.

    Returns
    -------
    pandas.DataFrame
        Columns of ``gapmap.vocabulary.TABLES["new_links"]``: from (a role or a service) to (a
        specialist service), how many and which roles it opens; most first, links that open
        nothing left out.

    Examples
    --------
    >>> import gapmap as gm
    >>> (new_links(gm.scotland())["roles_opened"] > 0).all()
    np.True_
    """
    import networkx as nx

    known = provision(study) if known is None else known
    said = routes(study, known=known) if said is None else said
    ids = study.services["service_id"].to_dict()
    names = {
        service: shown(name) for service, name in zip(said["service_id"], said["name"], strict=True)
    }
    reached = reach(study, known, level).groupby("area_code")["row"].agg(list).to_dict()
    areas = study.level(level)
    starts = [("role", role) for role in WAYS_IN]
    kind = dict(zip(said["service_id"], said["category"], strict=True))
    rank = {category: place for place, category in enumerate(CATEGORIES)}
    told = []
    for code, area in zip(areas["code"], areas["name"], strict=True):
        rows = said[said["service_id"].isin({ids[row] for row in reached.get(code, [])})]
        graph = _graph(rows, "any", frozenset({"confirmed"}))
        goals = sorted(
            graph.predecessors(_GOAL), key=lambda goal: (rank.get(kind[goal[1]], 99), goal)
        )
        shut = [start for start in starts if not nx.has_path(graph, start, _GOAL)]
        if not goals or not shut:
            continue
        # A refusal was said; a new link is one that nobody spoke of.
        refused = set(
            rows.loc[rows["route"] == "refused", ["from_role", "service_id"]].itertuples(
                index=False, name=None
            )
        )
        for node in sorted(set(graph) - {_GOAL} - set(goals)):
            opens = [role for _, role in shut if node in nx.descendants(graph, ("role", role))]
            if node in shut:
                opens = [node[1]]
            targets = [goal for _, goal in goals if (node[1], goal) not in refused]
            if not opens or not targets:
                continue
            told.append(
                {
                    "level": level,
                    "area_code": code,
                    "area_name": area,
                    "from_kind": node[0],
                    "from": label(node[1], ROLES) if node[0] == "role" else names[node[1]],
                    "to": names[targets[0]],
                    "roles_opened": len(opens),
                    "roles": ";".join(opens),
                }
            )
    table = pd.DataFrame(told, columns=columns("new_links"))
    table = table.sort_values(
        ["area_code", "roles_opened", "from_kind", "from"],
        ascending=[True, False, False, True],
        kind="stable",
    )
    return table.groupby("area_code", sort=False).head(first).reset_index(drop=True)
