"""Undoing what made a bundle, whatever came after it: the newest version steps back, and an older one gives up the sound that it allowed."""

from auscult.memory.allow import forbid
from auscult.runtime.bundle import Bundle
from auscult.server.bundles import ONE_AT_A_TIME, Bundles, Kept
from auscult.server.problems import Problem, not_found


def take_back(bundles: Bundles, bundle_id: str) -> Kept:
    """What judges afterwards, wherever the bundle did or what came of it; it takes a second where something came of it.

    Raises
    ------
    Problem
        If something came of it, and it was not made by allowing a sound, or that sound is not allowed any more.
    RecipeError, BundleError, EngineError
        As `Bundles.step_back`.
    """
    with ONE_AT_A_TIME:
        newest_id = bundles.came_of(bundle_id)
        if newest_id == bundle_id:
            return bundles.step_back(bundle_id)
        newest, scorer = bundles.get(newest_id), bundles.scorer(newest_id)
        if newest is None or scorer is None:
            raise not_found("bundle", newest_id, "GET /api/bundles")
        number = _number(bundles, bundle_id, scorer.bundle)
        if number is None:
            raise Problem(
                409,
                f"'{newest.name}' ({newest_id}) has taken the place of the bundle '{bundle_id}' meanwhile.",
                "the newest version, or one that allowed a sound that is still allowed",
                "Undo first what came after it, or activate an earlier version.",
                code="bundle_replaced",
                values={"name": newest.name},
            )
        made = forbid(scorer.bundle, number)
        return bundles.succeed(newest_id, made.to_bytes(), name=newest.choice.name)


def _number(bundles: Bundles, bundle_id: str, newest: Bundle) -> int | None:
    """Which of the sounds that the newest version allows is the one that a bundle was made by allowing."""
    of, before = bundles.get(bundle_id), bundles.get(bundles.made_of(bundle_id) or "")
    if of is None or before is None:
        return None
    known, allowed = before.manifest.allowed, of.manifest.allowed
    if len(allowed) != len(known) + 1 or allowed[: len(known)] != known:
        return None
    found = [n for n, one in enumerate(newest.manifest.allowed, 1) if one == allowed[-1]]
    return found[-1] if found else None
