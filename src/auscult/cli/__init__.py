"""The command line: one command a verb. Each parses, makes one call, and prints.

Results go to stdout (`--json` on every command), progress and warnings to stderr. Exit codes: 0 fine, 1 anomalies found
where `--fail-on-anomaly` or a check that failed, 2 bad use or nothing usable, 3 some inputs skipped. Rooms are imported
inside the commands, so that a small machine loads only what it uses.
"""

from typing import Annotated

import typer

from auscult import __version__
from auscult.cli import bundles, console, data, edge, embedder, keys, store, track
from auscult.cli.allowing import bundle_allow, bundle_allowed, bundle_forbid
from auscult.cli.benchmark import benchmark
from auscult.cli.demonstration import demo
from auscult.cli.evaluating import evaluate
from auscult.cli.export import export
from auscult.cli.families import families
from auscult.cli.fetch import fetch
from auscult.cli.learning import learn
from auscult.cli.listening import listen
from auscult.cli.recipes import recipes
from auscult.cli.replay import replay
from auscult.cli.runs import runs
from auscult.cli.scoring import score
from auscult.cli.selftest import selftest
from auscult.cli.serving import serve
from auscult.cli.sources import sources
from auscult.cli.sweep import sweep
from auscult.cli.train import train

app = typer.Typer(
    name="auscult",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for _command in (
    learn,
    train,
    recipes,
    sweep,
    score,
    evaluate,
    export,
    benchmark,
    replay,
    listen,
    sources,
    serve,
    demo,
    families,
    runs,
    selftest,
):
    app.command()(_command)
app.add_typer(bundles.app, name="bundle")
app.add_typer(data.app, name="data")
app.add_typer(edge.app, name="edge")
app.add_typer(embedder.app, name="embedder")
app.add_typer(keys.app, name="key")
app.add_typer(store.app, name="store")
app.add_typer(track.app, name="track")
data.app.command("fetch")(fetch)
bundles.app.command("allow")(bundle_allow)
bundles.app.command("allowed")(bundle_allowed)
bundles.app.command("forbid")(bundle_forbid)


def main() -> None:
    """Run a command; what the user can mend is told without a traceback."""
    console.run(app)


@app.callback(invoke_without_command=True)
def _auscult(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Learns what normal sounds like, and hears what isn't.

    Exit codes: 0 fine; 1 anomalies, where --fail-on-anomaly asks, or a selftest or an edge check that failed; 2 bad use, or
    nothing usable; 3 some inputs were skipped; 130 stopped by Ctrl-C (but listening that is stopped has ended well: 0 or 1).

    With --json, stdout holds JSON alone. What one recording of many is no use for is {"file": ..., "error": ...} in the list
    of score, in "skipped" of learn and evaluate, and a finding of data check. An error that stops the command leaves stdout
    empty and is told on stderr, in one paragraph that begins with "Error:".
    """
    if version:
        console.out.print(f"auscult {__version__}", highlight=False)
        raise typer.Exit
