"""What a family learns from, by the kind of family."""

from dataclasses import replace
from pathlib import Path

import pytest

from auscult.datasets.clip import Clip
from auscult.datasets.split import recording_of
from auscult.errors import AuscultWarning, DatasetError, RecipeError
from auscult.recipe import from_dict
from auscult.training.plan import group_of, plan_of


def recipe(**data):
    return from_dict({"family": "autoencoder", "data": data})[0]


def clips(label, n, *, unit="id_00", split="", first=0, machine="fan"):
    return [
        Clip(
            path=Path(f"{unit}/{label or 'some'}/{i}.wav"),
            label=label,
            unit=unit,
            split=split,
            machine=machine,
        )
        for i in range(first, first + n)
    ]


MACHINE = clips("normal", 20) + clips("anomaly", 5)


def names(found, label):
    return {recording_of(clip) for clip in found if clip.label == label}


class TestNormalSoundAlone:
    def test_what_is_not_normal_is_only_for_the_test(self):
        plan = plan_of("normal", MACHINE, recipe())
        assert names(MACHINE, "anomaly") <= plan.sides.test
        assert not names(MACHINE, "anomaly") & (plan.sides.learn | plan.sides.held_out)

    def test_every_recording_is_on_one_side(self):
        sides = plan_of("normal", MACHINE, recipe()).sides
        assert len(sides.learn) + len(sides.held_out) + len(sides.test) == len(MACHINE)
        assert sides.learn | sides.held_out | sides.test == {recording_of(c) for c in MACHINE}

    def test_shares_are_those_of_the_recipe(self):
        sides = plan_of("normal", MACHINE, recipe(test=0.5, validation=0.2)).sides
        assert (len(sides.learn), len(sides.held_out), len(sides.test)) == (8, 2, 15)

    @staticmethod
    def drawn(**seeds):
        plain = {"family": "x", **{room: {"seed": seed} for room, seed in seeds.items()}}
        return plan_of("normal", MACHINE, from_dict(plain)[0]).sides

    def test_the_seed_of_the_data_draws(self):
        assert self.drawn(data=0) != self.drawn(data=1)
        assert self.drawn(data=1) == self.drawn(data=1)

    def test_the_seed_of_the_training_does_not(self):
        assert self.drawn(training=0) == self.drawn(training=1)

    def test_what_the_data_set_calls_its_test_is_it(self):
        data = clips("normal", 10, split="train") + clips("normal", 4, split="test", first=10)
        sides = plan_of("normal", data + clips("anomaly", 4, split="test"), recipe()).sides
        assert len(sides.test) == 8
        assert len(sides.learn | sides.held_out) == 10

    def test_units_may_be_the_test(self):
        data = MACHINE + clips("normal", 6, unit="id_02") + clips("anomaly", 2, unit="id_02")
        sides = plan_of("normal", data, recipe(), folds=("id_02",)).sides
        assert len(sides.learn | sides.held_out) == 20
        assert names(clips("normal", 6, unit="id_02"), "normal") <= sides.test

    def test_of_units_that_are_the_test_nothing_else_is_tested_or_read(self):
        of_unit = clips("normal", 6, unit="id_02") + clips("anomaly", 2, unit="id_02")
        plan = plan_of("normal", MACHINE + of_unit, recipe(), folds=("id_02",))
        assert plan.sides.test == {recording_of(clip) for clip in of_unit}
        looked_at = plan.sides.learn | plan.sides.held_out | plan.sides.test
        assert {recording_of(clip) for clip in plan.clips} == looked_at
        assert not names(MACHINE, "anomaly") & looked_at

    def test_a_unit_without_normal_recordings_is_tested_alone_too(self):
        broken = clips("anomaly", 3, unit="id_02")
        plan = plan_of("normal", MACHINE + broken, recipe(), folds=("id_02",))
        assert plan.sides.test == {recording_of(clip) for clip in broken}
        assert len(plan.sides.learn | plan.sides.held_out) == 20

    def test_without_anything_else_all_that_is_normal_is_used(self):
        sides = plan_of("normal", clips("normal", 10), recipe()).sides
        assert (len(sides.learn), len(sides.held_out), len(sides.test)) == (8, 2, 0)

    def test_what_has_no_label_at_all_is_normal(self):
        plan = plan_of("normal", clips("", 10), recipe())
        assert {clip.label for clip in plan.clips} == {"normal"}
        assert len(plan.sides.learn) == 8

    def test_three_recordings_are_enough(self):
        sides = plan_of("normal", clips("normal", 3) + clips("anomaly", 1), recipe()).sides
        assert sides.learn
        assert sides.held_out

    def test_of_one_recording_nothing_can_be_held_out(self):
        with pytest.warns(AuscultWarning, match="Nothing is held out"):
            sides = plan_of("normal", clips("normal", 1), recipe()).sides
        assert len(sides.learn) == 1

    def test_a_family_is_given_no_classes(self):
        plan = plan_of("normal", MACHINE, recipe())
        assert plan.labels == plan.alarm_labels == ()
        assert {plan.target_of(clip) for clip in MACHINE} == {0}

    def test_nothing_normal(self):
        with pytest.raises(
            DatasetError, match=r"None of 3 recordings is labelled normal; there are"
        ) as e:
            plan_of("normal", clips("rain", 3), recipe())
        assert "data.normal" in str(e.value)
        found = plan_of("normal", clips("rain", 3) + clips("dog", 1), recipe(normal=["rain"]))
        assert len(found.sides.learn | found.sides.held_out) >= 2

    def test_everything_is_for_the_test(self):
        with pytest.raises(DatasetError, match="All 4 normal recordings are for the test"):
            plan_of("normal", clips("normal", 4, split="test"), recipe())

    def test_classes_make_no_sense_here(self):
        with pytest.raises(
            RecipeError, match="names the classes a, b, and autoencoder learns from"
        ):
            plan_of("normal", MACHINE, recipe(labels=["a", "b"]))


class TestDomains:
    def of(self, *domains, test=()):
        named = [
            replace(clip, domain=domain, split=split)
            for split, some in (("train", domains), ("test", test))
            for clip, domain in zip(clips("normal", len(some), unit=split), some, strict=True)
        ]
        return named, plan_of("normal", named, recipe(), by_domain=True)

    def test_each_recording_has_its_own_as_target(self):
        named, plan = self.of(*["target"] * 2, *["source"] * 8)
        assert plan.domains == ("source", "target")
        assert [plan.target_of(clip) for clip in named] == [1, 1, *[0] * 8]
        assert plan.labels == ()

    def test_families_that_make_no_difference_are_told_nothing(self):
        named, _ = self.of("source", "target", "target")
        plan = plan_of("normal", named, recipe())
        assert plan.domains == ()
        assert {plan.target_of(clip) for clip in named} == {0}

    @pytest.mark.parametrize("domain", ["", "source"])
    def test_of_one_domain_or_none_there_is_nothing_to_say(self, domain):
        assert self.of(*[domain] * 6)[1].domains == ()

    def test_some_that_nobody_knows_make_all_of_them_one(self):
        with pytest.warns(AuscultWarning, match="domain of 1 of 6 normal recordings is unknown"):
            _, plan = self.of("", *["source"] * 3, *["target"] * 2)
        assert plan.domains == ()

    def test_a_domain_that_is_missing_is_named(self):
        with pytest.warns(AuscultWarning, match="No normal recording of the domain target is"):
            named, plan = self.of(*["source"] * 6, test=("source", "target"))
        assert plan.domains == ()
        assert plan.target_of(named[-1]) == 0


class TestGroups:
    def test_units_are_told_apart(self):
        data = MACHINE + clips("normal", 6, unit="id_02")
        plan = plan_of("groups", data, recipe())
        assert plan.labels == ("fan id_00", "fan id_02")
        assert [plan.target_of(clip) for clip in (data[0], data[-1])] == [0, 1]

    def test_one_group_is_none(self):
        with pytest.raises(DatasetError, match="By machine and unit the normal recordings are one"):
            plan_of("groups", MACHINE, recipe())

    @pytest.mark.parametrize("seed", range(6))
    def test_the_only_recording_of_a_group_is_learned_from(self, seed):
        common = [replace(clip, attributes={"v": "1"}) for clip in clips("normal", 27)]
        rare = [
            replace(clip, attributes={"v": str(number)})
            for number, clip in enumerate(clips("normal", 5, unit="id_02"), start=2)
        ]
        data = {"group_by": ["attributes"], "seed": seed}
        asked = from_dict({"family": "attributes", "data": data})[0]
        plan = plan_of("groups", common + rare, asked)
        assert {recording_of(clip) for clip in rare} <= plan.sides.learn
        assert plan.sides.held_out
        assert len(plan.labels) == 6

    def test_attributes(self):
        clip = Clip(path=Path("1.wav"), attributes={"v": "5"}, domain="target")
        assert group_of(clip, ("domain", "attributes")) == "target v=5"


def test_classes_are_as_ever():
    plan = plan_of("classes", MACHINE, recipe())
    assert plan.labels == ("normal", "anomaly")
    assert plan.alarm_labels == ("anomaly",)
    assert [plan.target_of(clip) for clip in (MACHINE[0], MACHINE[-1])] == [0, 1]
