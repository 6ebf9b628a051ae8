"""Several trainings of one kind of bundle, evaluated on the same recordings: mean and spread of every figure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from rich.markup import escape
from rich.table import Table

from auscult.errors import DatasetError
from auscult.evaluation.words import unit_name

_FIGURES = {
    "AUC": ("auc",),
    "pAUC": ("pauc",),
    "Average precision": ("as_recorded", "average_precision"),
    "AUC, every clip equally loud": ("rms_normalised", "auc"),
    "pAUC, every clip equally loud": ("rms_normalised", "pauc"),
    "AUC, random gain ±6 dB": ("random_gain", "auc"),
    "Heard at the limit": ("at_limit", "recall"),
    "False alarms at the limit": ("at_limit", "false_positive_rate"),
    "F1 at the limit": ("at_limit", "f1"),
    "F1 of always alarm": ("at_limit", "always_alarm_f1"),
    "AUC of loudness alone": ("level_auc",),
    "Accuracy": ("classes", "accuracy"),
    "Balanced accuracy": ("classes", "balanced_accuracy"),
}


def over_seeds(evaluations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Mean and standard deviation over evaluations of bundles that differ in their seed.

    Parameters
    ----------
    evaluations
        As `Evaluation.to_dict` gives them, or as read from JSON, of the same recordings.

    Returns
    -------
    result
        `n`; `bundles`, their names; `figures`, by name; `per_unit`, the AUC of each unit. A figure has `mean`, `sd` (of the
        sample, with n − 1; `None` of one evaluation alone) and `values`. What not all of them measured is left out.

    Raises
    ------
    DatasetError
        There is none, or they are not of the same recordings.

    Examples
    --------
    >>> over_seeds([{"bundle": "a", "auc": 0.75}, {"bundle": "b", "auc": 0.25}])["figures"]["AUC"]["mean"]
    0.5
    """
    _check(evaluations)
    figures = dict(_figures(evaluations))
    return {
        "n": len(evaluations),
        "bundles": [one["bundle"] for one in evaluations],
        "figures": figures,
        "per_unit": list(_units(evaluations)),
    }


def seeds_table(result: Mapping[str, Any]) -> Table:
    """Mean ± standard deviation for the terminal; units below."""
    table = Table(
        title=escape(f"{', '.join(dict.fromkeys(result['bundles']))}: {result['n']} evaluations"),
        title_justify="left",
        title_style="bold",
        box=None,
        pad_edge=False,
        header_style="bold",
    )
    table.add_column("", overflow="fold")
    for name in ("mean", "± sd", "from", "to"):
        table.add_column(name, justify="right", no_wrap=True)
    rows = list(result["figures"].items())
    for place, (name, figure) in enumerate(rows, 1):
        table.add_row(name, *_cells(figure), end_section=place == len(rows))
    for unit in result["per_unit"]:
        name = unit_name(unit["machine"], unit["unit"], unit["domain"])
        table.add_row(escape(f"AUC of {name}"), *_cells(unit["auc"]))
    return table


def _cells(figure: Mapping[str, Any]) -> tuple[str, ...]:
    spread = "–" if figure["sd"] is None else f"± {figure['sd']:.3f}"
    values = figure["values"]
    return f"{figure['mean']:.3f}", spread, f"{min(values):.3f}", f"{max(values):.3f}"


def _figures(evaluations: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, path in _FIGURES.items():
        values = [_at(one, path) for one in evaluations]
        if None not in values:
            yield name, _figure(values)
    rules = [rule["rule"] for rule in evaluations[0].get("dcase", ())]
    for rule in rules:
        scores = [
            next((other["score"] for other in one.get("dcase", ()) if other["rule"] == rule), None)
            for one in evaluations
        ]
        if None not in scores:
            yield f"DCASE {rule}", _figure(scores)


def _units(evaluations: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    first = evaluations[0].get("per_unit", ())
    if len(first) < 2:
        return
    for place, unit in enumerate(first):
        values = [one["per_unit"][place]["auc"] for one in evaluations]
        if None not in values:
            yield {key: unit[key] for key in ("machine", "unit", "domain")} | {
                "auc": _figure(values)
            }


def _at(evaluation: Mapping[str, Any], path: Sequence[str]) -> Any:
    found: Any = evaluation
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _figure(values: Sequence[Any]) -> dict[str, Any]:
    numbers = [float(value) for value in values]
    sd = float(np.std(numbers, ddof=1)) if len(numbers) > 1 else None
    return {"mean": float(np.mean(numbers)), "sd": sd, "values": numbers}


def _check(evaluations: Sequence[Mapping[str, Any]]) -> None:
    if not evaluations:
        raise DatasetError(
            "There is no evaluation to average.", "one or more", "Give a bundle, or several."
        )
    heard = {tuple(_recordings(one)) for one in evaluations}
    if len(heard) > 1:
        raise DatasetError(
            "These evaluations are not of the same recordings.",
            "the same recordings for each bundle, as many of each unit",
            "Evaluate all bundles on one folder. Recordings that only one of them has learned are left out for that one: "
            "keep a test set apart.",
        )


def _recordings(evaluation: Mapping[str, Any]) -> Iterator[Any]:
    """Which recordings, where they are named, and how many of each kind, in all and by unit."""
    yield evaluation.get("recordings_sha256")
    yield evaluation.get("n_normal"), evaluation.get("n_anomaly")
    for unit in evaluation.get("per_unit", ()):
        yield tuple(unit[key] for key in ("machine", "unit", "domain", "n_normal", "n_anomaly"))
