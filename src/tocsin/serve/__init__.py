"""Door to screens: the API, the live stream, sign-in, the built pages."""

from tocsin.serve.app import make_app
from tocsin.serve.hub import Hub
from tocsin.serve.run import bind, serve
from tocsin.serve.shown import SiteView
from tocsin.serve.token import first_run_token, hash_token, read_token_hash

__all__ = [
    "Hub",
    "SiteView",
    "bind",
    "first_run_token",
    "hash_token",
    "make_app",
    "read_token_hash",
    "serve",
]
