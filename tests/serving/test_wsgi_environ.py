"""What a WSGI app is told about a request."""

import json
from typing import Any

from hallway import Settings
from hallway.serving.asgi import Scope
from hallway.testing import host_in_memory

from .exchange import Exchange, http_scope
from .wsgi_apps import PLAIN, ROOM, Environ, StartResponse, ask, checked, room


def tells(environ: Environ, start_response: StartResponse) -> list[bytes]:
    """Answer with all of the environ that is plain."""
    start_response("200 OK", PLAIN)
    plain = {key: value for key, value in environ.items() if isinstance(value, (str, bool, tuple))}
    return [json.dumps(plain).encode()]


def environ_of(scope: Scope, settings: Settings | None = None) -> dict[str, Any]:
    """Ask with a scope of one's own making."""
    with host_in_memory(room(checked(tells)), settings=settings) as host:
        client = Exchange()
        host.call(host.host.asgi, scope, client.receive, client.send)
    assert client.status == 200
    return json.loads(b"".join(client.pieces))


def test_the_app_is_told_where_it_lies_and_which_page_is_asked_for():
    environ = ask(tells, path="/plot?site=1&site=2").json()
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/apps/room", "/plot")
    assert environ["QUERY_STRING"] == "site=1&site=2"


def test_the_root_of_the_host_belongs_to_where_the_app_lies():
    environ = environ_of(http_scope("/portal/apps/room/plot"), Settings(root_path="/portal"))
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/portal/apps/room", "/plot")


def test_a_root_that_a_proxy_took_away_comes_back():
    environ = environ_of(http_scope("/apps/room/plot"), Settings(root_path="/portal"))
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/portal/apps/room", "/plot")


def test_a_path_is_the_bytes_that_were_meant_however_they_were_written():
    environ = ask(tells, path="/caf%C3%A9/100%25/a%2Fb/%FF").json()
    # PEP 3333: each character stands for one byte.
    assert environ["PATH_INFO"].encode("latin-1") == "/café/100%/a/b/".encode() + b"\xff"


def test_a_server_that_gives_no_raw_path_is_served_as_well():
    scope = http_scope(f"{ROOM}/café")
    del scope["raw_path"]
    assert environ_of(scope)["PATH_INFO"].encode("latin-1") == "/café".encode()


def test_a_server_that_knows_neither_side_is_served_as_well():
    environ = environ_of({**http_scope(f"{ROOM}/"), "server": None, "client": None})
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("localhost", "80")
    assert "REMOTE_ADDR" not in environ


def test_the_app_is_told_who_asks_and_of_which_server():
    environ = ask(tells).json()
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("127.0.0.1", "8000")
    assert (environ["REMOTE_ADDR"], environ["REMOTE_PORT"]) == ("127.0.0.1", "50000")
    assert (environ["wsgi.url_scheme"], environ["SERVER_PROTOCOL"]) == ("http", "HTTP/1.1")


def test_the_app_is_told_that_it_runs_in_threads_of_one_process():
    environ = ask(tells).json()
    assert environ["wsgi.multithread"] is True
    assert environ["wsgi.multiprocess"] is environ["wsgi.run_once"] is False
    assert environ["wsgi.input_terminated"] is True


def test_cookies_that_came_one_by_one_are_joined_as_cookies():
    headers = [(b"cookie", b"a=1"), (b"cookie", b"b=2; c=3"), (b"accept", b"text/html"), (b"accept", b"*/*")]
    environ = environ_of(http_scope(f"{ROOM}/", headers=headers))
    assert environ["HTTP_COOKIE"] == "a=1; b=2; c=3"
    assert environ["HTTP_ACCEPT"] == "text/html,*/*"


def test_a_header_with_an_underscore_cannot_pass_for_one_with_a_dash():
    environ = ask(tells, headers={"X_Client_Verified": "yes", "X-Client": "me", "accept": "*/*"}).json()
    assert "HTTP_X_CLIENT_VERIFIED" not in environ
    assert environ["HTTP_X_CLIENT"] == "me"


def test_the_body_has_a_type_and_its_true_length():
    headers = [(b"content-type", b"text/csv"), (b"transfer-encoding", b"chunked")]
    scope = http_scope(f"{ROOM}/", method="POST", headers=headers)
    with host_in_memory(room(checked(tells))) as host:
        client = Exchange(b"a,b\n", b"1,2\n")
        host.call(host.host.asgi, scope, client.receive, client.send)
    environ = json.loads(client.pieces[0])
    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("text/csv", "8")
    assert "HTTP_TRANSFER_ENCODING" not in environ
