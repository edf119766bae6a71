"""`verifier serve`."""

from __future__ import annotations

import click

from verifier.errors import MissingExtraError, extra


@click.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8765,
    show_default=True,
    help="Port on this machine.",
)
@click.option("--open/--no-open", "opened", default=False, help="Open it in the browser.")
def serve(port: int, opened: bool) -> None:
    """Show a page on this machine only: type a problem, read its key, check answers."""
    try:
        import uvicorn

        from verifier.serve.app import app
    except ImportError:
        raise MissingExtraError(
            "the page needs starlette and uvicorn", accepted=extra("serve")
        ) from None
    address = f"http://127.0.0.1:{port}/"
    click.echo(f"the page is at {address} (Ctrl-C ends it)")
    if opened:
        click.launch(address)
    config = uvicorn.Config(
        app(), host="127.0.0.1", port=port, log_level="warning", limit_concurrency=200,
        timeout_keep_alive=5, timeout_graceful_shutdown=1, server_header=False,
    )  # fmt: skip
    uvicorn.Server(config).run()
