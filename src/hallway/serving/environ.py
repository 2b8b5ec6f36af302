"""The WSGI environ of an ASGI request (PEP 3333)."""

import functools
import sys
from typing import Any, BinaryIO
from urllib.parse import unquote_to_bytes

from hallway.serving.asgi import Scope

Environ = dict[str, Any]


def build_environ(scope: Scope, body: BinaryIO, length: int) -> Environ:
    """Make the environ.

    Args:
        scope: An HTTP scope whose `path` begins with its `root_path`.
        body: The whole request body.
        length: How many bytes it has.
    """
    root_path: str = scope["root_path"]
    server = scope.get("server") or ("localhost", 80)
    environ: Environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": _wsgi_text(root_path),
        "PATH_INFO": _path_info(scope, root_path),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or ""),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.input_terminated": True,  # reading to the end is safe: the body is all there
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if scope.get("client"):
        environ["REMOTE_ADDR"] = scope["client"][0]
        environ["REMOTE_PORT"] = str(scope["client"][1])
    for name, value in scope["headers"]:
        key = _environ_key(name)
        if not key:
            continue
        text = value.decode("latin-1")
        if key in environ:
            # HTTP/2 sends cookies one by one (RFC 9113 section 8.2.3); all else is a comma-separated list.
            text = f"{environ[key]}{'; ' if name == b'cookie' else ','}{text}"
        environ[key] = text
    if length or "CONTENT_LENGTH" in environ:
        environ["CONTENT_LENGTH"] = str(length)
    return environ


@functools.lru_cache(maxsize=512)
def _environ_key(name: bytes) -> str:
    """Give the key of a header, "" for one that is left out."""
    if b"_" in name:
        return ""  # `X_Remote_User` would arrive as `X-Remote-User` does: spoofing
    if name == b"transfer-encoding":
        return ""  # the body is read already; what arrives here has a length
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def _path_info(scope: Scope, root_path: str) -> str:
    raw: bytes | None = scope.get("raw_path")
    path = scope["path"].encode() if raw is None else unquote_to_bytes(raw.partition(b"?")[0])
    prefix = root_path.encode()
    return path.removeprefix(prefix).decode("latin-1")


def _wsgi_text(text: str) -> str:
    return text.encode().decode("latin-1")
