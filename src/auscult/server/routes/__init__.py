"""What the server answers over HTTP, one file for each thing that is asked about.

The rule of this room: a route checks what it was given, makes one call, and says what came of it in the shape of
`auscult.server.models`. What blocks (disk, engine, children) runs in a thread, never in the event loop.
"""
