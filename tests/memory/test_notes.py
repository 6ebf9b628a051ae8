from dataclasses import replace

from auscult.errors import AudioError
from auscult.memory.hear import HEARD_ALREADY, Skipped
from auscult.memory.learn import learn_clips
from auscult.memory.notes import nothing_heard


class TestNotes:
    def test_none_where_all_is_well(self, clips):
        assert learn_clips(clips).notes == ()

    def test_several_machines_by_name(self, clips):
        named = [replace(one, machine="fan", unit=f"id_{i % 2}") for i, one in enumerate(clips)]
        (note,) = learn_clips(named).notes
        assert note.startswith("The recordings come from 2 machines (fan/id_0, fan/id_1).")
        assert "A bundle for each tells more" in note

    def test_a_recording_unlike_the_others_is_pointed_out(self, clips, clip, faulty):
        odd = clip(faulty(50, amplitude=0.5, start_s=0.0, end_s=10.0), "odd.wav")
        notes = learn_clips([*clips, odd]).notes
        assert any("Unlike the other normal sound" in note and "odd.wav" in note for note in notes)


class TestNothingHeard:
    def test_what_was_left_out_and_why_is_said_and_one_way_out(self):
        short = AudioError("a.wav is 0.30 s long.", "at least 0.5 s", "Record for longer.")
        error = nothing_heard(
            [
                Skipped(file="a.wav", error=str(short), cause=short),
                Skipped(file="b.wav", error="The same sound as a.wav: a copy."),
            ],
            {"anomaly": 3},
        )
        assert str(error) == (
            "There is no usable normal sound to learn from. Left out: 3 labelled 'anomaly'. a.wav is 0.30 s long; "
            "b.wav: The same sound as a.wav: a copy. Expected: at least half a minute of the machine as it should sound. "
            "Record it, and give the folder with only such recordings, or with a sub-folder 'normal'."
        )

    def test_one_reason_for_all_has_its_own_way_out(self):
        def skipped(name):
            error = AudioError(
                f"{name} has 1 channel.", "a channel from 0 to 0", "Change --channel."
            )
            return Skipped(file=name, error=str(error), cause=error)

        error = nothing_heard([skipped(f"{i}.wav") for i in range(5)], {})
        assert (error.expected, error.action) == ("a channel from 0 to 0", "Change --channel.")
        assert error.what.endswith("2.wav has 1 channel; 2 more.")

    def test_nothing_at_all(self):
        assert nothing_heard([], {}).what == "There is no usable normal sound to learn from."

    def test_everything_was_heard_before(self):
        error = nothing_heard([Skipped(file="a.wav", error=HEARD_ALREADY)], {})
        assert error.expected == "recordings that the bundle has not heard"
        assert error.action == "Give new ones, or leave --add out."

    def test_only_other_labels(self):
        error = nothing_heard([], {"rain": 40, "dog": 40})
        assert error.action.endswith("Or say which label is normal: --normal LABEL.")
