from dataclasses import replace
from itertools import groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auscult.errors import RecipeError
from auscult.live.events import EventTracker, Patience
from auscult.runtime.manifest import LevelTrack
from auscult.runtime.verdict import Verdict

LEVEL = LevelTrack(median_db=-30.0, mad_db=1.0)
AT_ONCE = Patience(min_off_s=0.0, merge_s=0.0)


def window(start_s, word="normal", *, ratio=0.5, rule="sustained", level_db=-30.0, length_s=2.0):
    """The verdict of a window; `holds` is a normal one over the release level."""
    return Verdict(
        start_s=start_s,
        end_s=start_s + length_s,
        score=ratio,
        ratio=ratio,
        rule=rule,
        state="normal" if word == "holds" else word,
        holding=word in ("holds", "anomaly"),
        level_db=level_db,
    )


def stream(*words, hop_s=1.0):
    return [window(at * hop_s, word) for at, word in enumerate(words)]


def told_by(tracker, verdicts):
    """What is told, each with the index of the verdict that brought it; -1 for the end of the stream."""
    told = [(at, event) for at, verdict in enumerate(verdicts) for event in tracker.update(verdict)]
    return told + [(-1, event) for event in tracker.close()]


def events(verdicts, patience=AT_ONCE):
    """The events that ended."""
    told = told_by(EventTracker(patience, level=LEVEL), verdicts)
    return [event for _, event in told if event.status == "ended"]


def spans(verdicts, patience=AT_ONCE):
    return [(event.start_s, event.end_s) for event in events(verdicts, patience)]


# A model that sees everything at once: stretches, then long ones, then joined ones, then those that may be told.


def of_kind(verdict):
    if verdict.rule != "level":
        return "anomaly"
    return "louder" if verdict.level_db >= LEVEL.median_db else "quieter"


def stretches_of(verdicts, pause_s):
    found = []
    for verdict in verdicts:
        if found and verdict.start_s - found[-1][-1].end_s <= pause_s:
            found[-1].append(verdict)
        elif verdict.state == "anomaly":
            found.append([verdict])
    return found


def length_s(windows):
    return windows[-1].end_s - windows[0].start_s


def model_of_one_kind(kind, verdicts, patience):
    heard = [v for v in verdicts if v.holding and v.state in ("normal", "anomaly")]
    heard = [v for v in heard if of_kind(v) == kind]
    stretches = stretches_of(heard, patience.min_off_s)
    joined = []
    for stretch in (s for s in stretches if length_s(s) >= patience.min_on_s):
        if joined and stretch[0].start_s - joined[-1][-1].end_s <= patience.merge_s:
            joined[-1] += stretch
        else:
            joined.append(list(stretch))
    silent_until_s, suppressed = -1e9, 0
    for windows in joined:
        if windows[-1].end_s < silent_until_s:
            suppressed += 1
            continue
        peak = max(windows, key=lambda v: v.ratio)
        middle_s = (peak.start_s + peak.end_s) / 2
        place = (windows[0].start_s, windows[-1].end_s)
        yield (kind, *place, peak.ratio, middle_s, peak.rule, len(windows), suppressed)
        silent_until_s, suppressed = windows[-1].end_s + patience.cooldown_s, 0


def model(verdicts, patience):
    kinds = ("anomaly", "louder", "quieter")
    return sorted(found for kind in kinds for found in model_of_one_kind(kind, verdicts, patience))


def plain(event):
    place = (event.start_s, event.end_s, event.peak_ratio, event.peak_s)
    return (event.kind, *place, event.rule, event.windows, event.suppressed)


few_s = st.integers(0, 6).map(float)
patiences = st.builds(Patience, min_on_s=few_s, min_off_s=few_s, merge_s=few_s, cooldown_s=few_s)


@st.composite
def streams(draw):
    """Windows of one length, mostly a hop apart, with gaps between."""
    long_s = float(draw(st.integers(1, 3)))
    word = st.sampled_from(["normal", "holds", "anomaly", "anomaly", "no_signal", "unreliable"])
    ruled = st.sampled_from(["sustained", "sustained", "sudden", "level"])
    at_s, verdicts = 0.0, []
    for _ in range(draw(st.integers(0, 30))):
        verdicts.append(
            window(
                at_s,
                draw(word),
                ratio=draw(st.integers(1, 9)) / 4,
                rule=draw(ruled),
                level_db=draw(st.sampled_from([-40.0, -20.0])),
                length_s=long_s,
            )
        )
        at_s += draw(st.sampled_from([1.0, 1.0, 1.0, 2.0, 5.0, 9.0]))
    return verdicts


@settings(deadline=None)
@given(streams(), patiences)
def test_events_are_those_of_the_model_that_sees_everything_at_once(verdicts, patience):
    assert sorted(map(plain, events(verdicts, patience))) == model(verdicts, patience)


@settings(deadline=None)
@given(streams(), patiences)
def test_begun_and_ended_alternate_and_belong_together(verdicts, patience):
    told = told_by(EventTracker(patience, level=LEVEL), verdicts)
    begun = [event for _, event in told if event.status == "begun"]
    assert [event.id for event in begun] == list(range(1, len(begun) + 1))
    by_kind = sorted((event for _, event in told), key=lambda event: event.kind)
    for _, of_a_kind in groupby(by_kind, key=lambda event: event.kind):
        tellings = list(of_a_kind)
        pairs = list(zip(tellings[::2], tellings[1::2], strict=True))
        for first, last in pairs:
            assert (first.status, last.status) == ("begun", "ended")
            assert (first.id, first.start_s, first.suppressed) == (
                last.id,
                last.start_s,
                last.suppressed,
            )
            assert first.end_s <= last.end_s
            assert first.peak_ratio <= last.peak_ratio
        for (_, last), (following, _) in pairwise(pairs):
            pause_s = following.start_s - last.end_s
            assert pause_s > max(patience.merge_s, patience.min_off_s)


@settings(deadline=None)
@given(streams(), patiences)
def test_a_beginning_is_told_as_soon_as_the_model_knows_of_it(verdicts, patience):
    for at, event in told_by(EventTracker(patience, level=LEVEL), verdicts):
        if event.status == "begun":
            place = (event.kind, event.start_s)
            assert place not in {found[:2] for found in model(verdicts[:at], patience)}
            assert plain(event) in model(verdicts[: at + 1], patience)


@settings(deadline=None)
@given(streams(), patiences, st.data())
def test_windows_that_feed_no_event_may_as_well_be_missing(verdicts, patience, data):
    fed = [v for v in verdicts if v.state == "anomaly" or v.holding or data.draw(st.booleans())]
    assert sorted(map(plain, events(fed, patience))) == sorted(
        map(plain, events(verdicts, patience))
    )


@settings(deadline=None)
@given(streams(), patiences)
def test_when_it_happens_does_not_matter(verdicts, patience):
    later = [replace(v, start_s=v.start_s + 2.0**20, end_s=v.end_s + 2.0**20) for v in verdicts]
    moved = [
        replace(e, start_s=e.start_s - 2.0**20, end_s=e.end_s - 2.0**20, peak_s=e.peak_s - 2.0**20)
        for e in events(later, patience)
    ]
    assert moved == events(verdicts, patience)


def test_an_event_begins_over_the_limit_and_goes_on_over_the_release_level():
    verdicts = stream("normal", "holds", "anomaly", "holds", "holds", "normal", "normal", "normal")
    assert spans(verdicts) == [(2.0, 6.0)]
    assert events(verdicts)[0].windows == 3


def test_it_is_told_once_when_it_begins_and_once_when_it_has_ended():
    words = ["anomaly", *["normal"] * 6]
    told = told_by(EventTracker(Patience(min_off_s=1.0, merge_s=2.0)), stream(*words))
    assert [(at, event.status) for at, event in told] == [(0, "begun"), (5, "ended")]


def test_the_peak_is_the_middle_of_the_largest_window_and_has_its_rule():
    verdicts = [
        window(0.0, "anomaly", ratio=1.5, rule="sustained"),
        window(1.0, "anomaly", ratio=3.0, rule="sudden"),
        window(2.0, "anomaly", ratio=2.0, rule="sustained"),
    ]
    (event,) = events(verdicts)
    assert (event.peak_ratio, event.peak_s, event.rule) == (3.0, 2.0, "sudden")


def test_what_is_still_on_ends_with_its_last_window():
    told = told_by(EventTracker(Patience()), stream("normal", "anomaly", "holds"))
    at, event = told[-1]
    assert (at, event.status, event.end_s) == (-1, "ended", 4.0)


def test_windows_that_touch_are_one_event_without_any_patience():
    # 0.1 + 0.2 is a hair more than 0.3.
    verdicts = [window(k * 0.1, "anomaly", length_s=0.1) for k in range(50)]
    assert len(events(verdicts)) == 1


def test_a_pause_suspends_an_event_that_holds_again_and_ends_one_that_does_not():
    patience = Patience(min_off_s=2.0, merge_s=0.0)
    pause = [
        "normal"
    ] * 4  # windows of 2 s: from the end of one to the start of the next are 3 - 1 s
    assert spans(stream("anomaly", *pause[:3], "holds"), patience) == [(0.0, 6.0)]
    assert spans(stream("anomaly", *pause, "holds"), patience) == [(0.0, 2.0)]


@pytest.mark.parametrize("word", ["no_signal", "unreliable", "normal"])
def test_windows_without_usable_sound_suspend_an_event_and_end_it_in_the_end(word):
    patience = Patience(min_off_s=2.0, merge_s=0.0)
    assert spans(stream("anomaly", word, word, "holds"), patience) == [(0.0, 5.0)]
    assert spans(stream("anomaly", *[word] * 6, "anomaly"), patience) == [(0.0, 2.0), (7.0, 9.0)]


def test_a_gap_is_time_that_passes():
    first, second = window(0.0, "anomaly"), window(100.0, "anomaly")
    assert spans([first, second], Patience()) == [(0.0, 2.0), (100.0, 102.0)]
    assert spans([first, replace(second, start_s=11.0, end_s=13.0)], Patience()) == [(0.0, 13.0)]


def test_unreliable_windows_do_not_feed_an_event_even_if_they_hold():
    verdicts = stream("anomaly", "unreliable", "no_signal")
    verdicts = [replace(v, holding=True) for v in verdicts]
    assert spans(verdicts) == [(0.0, 2.0)]


def test_merging_keeps_the_number_and_counts_all_windows():
    words = ["anomaly", *["normal"] * 8, "anomaly"]
    told = told_by(EventTracker(Patience(merge_s=10.0)), stream(*words))
    assert [(event.id, event.status) for _, event in told] == [(1, "begun"), (1, "ended")]
    assert told[-1][1].windows == 2


def test_short_stretches_are_no_events_and_do_not_lengthen_one():
    patience = Patience(min_on_s=4.0, min_off_s=0.0, merge_s=3.0)
    blips = stream("anomaly", *["normal"] * 4, "anomaly", *["normal"] * 4, "anomaly")
    assert spans(blips, patience) == []
    assert spans(stream(*["anomaly"] * 3, *["normal"] * 3, "anomaly"), patience) == [(0.0, 4.0)]


def test_an_event_in_the_cool_down_is_counted_in_the_next():
    patience = Patience(min_off_s=0.0, merge_s=0.0, cooldown_s=20.0)
    verdicts = [window(at, "anomaly") for at in (0.0, 10.0, 15.0, 30.0, 60.0)]
    told = events(verdicts, patience)
    assert [(event.start_s, event.suppressed) for event in told] == [(0.0, 0), (30.0, 2), (60.0, 0)]


def test_an_event_that_outlasts_the_cool_down_is_told_late_from_its_real_start():
    patience = Patience(min_off_s=0.0, merge_s=0.0, cooldown_s=20.0)
    verdicts = [window(0.0, "anomaly"), *(window(10.0 + k, "anomaly") for k in range(30))]
    told = told_by(EventTracker(patience), verdicts)
    at, late = [(at, event) for at, event in told if event.status == "begun"][1]
    assert (late.start_s, late.end_s, late.suppressed) == (10.0, 22.0, 0)
    assert verdicts[at].end_s == 22.0  # the first event ended at 2 s


def test_louder_and_quieter_are_events_of_their_own():
    verdicts = [
        window(0.0, "anomaly", rule="level", level_db=-10.0),
        window(1.0, "anomaly", rule="sustained"),
        window(2.0, "anomaly", rule="level", level_db=-60.0),
    ]
    told = events(verdicts, Patience())
    assert {(event.kind, event.start_s, event.end_s) for event in told} == {
        ("louder", 0.0, 2.0),
        ("anomaly", 1.0, 3.0),
        ("quieter", 2.0, 4.0),
    }


@pytest.mark.parametrize(("level_db", "kind"), [(-10.0, "louder"), (-60.0, "quieter")])
def test_a_vote_that_outlasts_a_change_of_level_is_not_the_opposite_change(level_db, kind):
    levels_db = [level_db, level_db, -29.0, -31.0, -30.0, -27.0, -33.0]
    verdicts = [
        window(float(at), "anomaly", rule="level", level_db=level_db)
        for at, level_db in enumerate(levels_db)
    ]
    (event,) = events(verdicts)
    assert (event.kind, event.start_s, event.end_s) == (kind, 0.0, 8.0)


def test_without_a_usual_level_every_change_of_level_is_louder():
    verdict = window(0.0, "anomaly", rule="level", level_db=-100.0)
    (begun,) = EventTracker(Patience()).update(verdict)
    assert begun.kind == "louder"


def test_time_that_runs_backwards_begins_a_new_stream():
    tracker = EventTracker(Patience(cooldown_s=60.0))
    told = told_by(tracker, [window(1000.0, "anomaly"), window(5.0, "anomaly")])
    assert [(at, e.id, e.status, e.start_s) for at, e in told] == [
        (0, 1, "begun", 1000.0),
        (1, 1, "ended", 1000.0),
        (1, 2, "begun", 5.0),
        (-1, 2, "ended", 5.0),
    ]


def test_what_is_open_can_be_seen_even_before_it_is_told():
    tracker = EventTracker(Patience(min_on_s=10.0))
    assert tracker.open == ()
    assert tracker.update(window(0.0, "anomaly", ratio=2.0)) == []
    (stretch,) = tracker.open
    assert (stretch.start_s, stretch.end_s, stretch.peak_ratio) == (0.0, 2.0, 2.0)
    assert tracker.close() == []
    assert tracker.open == ()


@pytest.mark.parametrize("name", ["min_on_s", "min_off_s", "merge_s", "cooldown_s"])
@pytest.mark.parametrize("value", [-1.0, float("nan"), float("inf")])
def test_patience_that_has_no_meaning_is_refused(name, value):
    with pytest.raises(RecipeError) as error:
        Patience(**{name: value})
    assert f"{name} is {value:g}." in str(error.value)
    assert "a number of seconds, 0 or more" in str(error.value)
    assert f"Change {name}." in str(error.value)
