"""What can be trained on a server, told so that a form can be made of it."""

from auscult.server import families


def test_families_come_with_what_may_be_chosen(serve):
    async def work(caller):
        first = await caller.json("GET", "/api/families")
        return first, await caller.json("GET", "/api/families")

    first, again = serve(work)
    assert first == again
    assert first["missing_extra"] is None
    found = {one["name"]: one for one in first["families"]}
    assert found["autoencoder"]["learns_from"] == "normal"
    training = {one["name"]: one for one in found["autoencoder"]["sections"]["training"]}
    assert training["epochs"]["begin"] == 80
    assert training["epochs"]["least"] == 1
    assert training["schedule"]["choices"] == ["one_cycle", "plateau", "constant"]


def test_without_pytorch_nothing_is_listed_and_the_extra_is_named(serve, monkeypatch):
    monkeypatch.setattr(families, "NEEDED", ("torch_that_nobody_has",))

    async def work(caller):
        return await caller.json("GET", "/api/families")

    assert serve(work) == {"families": [], "missing_extra": "train"}
