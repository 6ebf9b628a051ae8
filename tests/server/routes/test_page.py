"""The page at every other address, and the list of what is answered."""


def test_the_page_stands_at_the_root_or_says_how_to_build_it(serve):
    async def work(caller):
        return await caller.http.get("/"), await caller.http.head("/")

    page, head = serve(work)
    assert page.status_code == head.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert head.content == b""


def test_unknown_addresses_of_the_server_are_problems(serve):
    async def work(caller):
        for path in ("/api/nothing", "/ws/nothing", "/assets/gone.js", "/docs/x"):
            await caller.ask("GET", path, status=404)
        await caller.ask("POST", "/events", status=405)

    serve(work)


def test_what_is_answered_is_listed_without_foreign_scripts(serve):
    async def work(caller):
        return await caller.http.get("/docs"), await caller.json("GET", "/api/openapi.json")

    page, document = serve(work)
    assert "<script" not in page.text
    assert "src=" not in page.text
    assert 'href="http' not in page.text
    for path in document["paths"]:
        assert path in page.text
