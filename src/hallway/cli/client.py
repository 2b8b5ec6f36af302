"""`hallway apps` and `hallway handoff`: asking a running host."""

import json
from typing import Any

import click
import httpx
import msgspec

from hallway.cli.options import remote_options


class _App(msgspec.Struct):
    id: str
    title: str
    url: str | None
    capabilities: list[dict[str, Any]]


@click.command()
@remote_options
def apps(url: str, token: str | None, as_json: bool) -> None:
    """List the apps of a running host, and what they offer."""
    response = _ask(url, token, "GET", "/api/apps")
    if as_json:
        click.echo(response.text)
        return
    try:
        found = msgspec.json.decode(response.content, type=list[_App])
    except msgspec.MsgspecError as error:
        raise _no_host(url) from error
    for app in found:
        click.echo(f"{app.id}\t{app.title}\t{app.url or '-'}")
        for item in app.capabilities:
            click.echo(f"  {item['kind']}\t{item['name']}({', '.join(item['arguments'])})")


@click.command()
@click.argument("target", metavar="APP/NAME")
@click.argument("values", nargs=-1, metavar="[K=V]...")
@remote_options
def handoff(target: str, values: tuple[str, ...], url: str, token: str | None, as_json: bool) -> None:
    """Hand over to an app, and print the address that comes next."""
    pairs: list[tuple[str, str]] = []
    for value in values:
        key, equals, text = value.partition("=")
        if not equals:
            raise click.BadParameter(f"{value!r} is no K=V.", param_hint="[K=V]")
        pairs.append((key, text))
    response = _ask(url, token, "POST", f"/handoff/{target.strip('/')}/", data=_form(pairs))
    if "location" not in response.headers:
        raise _no_host(url)
    location = str(httpx.URL(url).join(response.headers["location"]))
    click.echo(json.dumps({"location": location}) if as_json else location)


def _form(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    form: dict[str, list[str]] = {}
    for key, text in pairs:
        form.setdefault(key, []).append(text)
    return form


def _ask(url: str, token: str | None, method: str, path: str, **options: Any) -> httpx.Response:
    headers = {"accept": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    try:
        response = httpx.request(method, url.rstrip("/") + path, headers=headers, timeout=60, **options)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise click.ClickException(f"{url} does not answer: {error}. Is the host running?") from error
    if response.status_code >= 400 or (response.is_redirect and "/login?" in response.headers["location"]):
        raise click.ClickException(_explanation(response, token))
    return response


def _no_host(url: str) -> click.ClickException:
    return click.ClickException(f"What answers at {url} is no Hallway host. Check --url.")


def _explanation(response: httpx.Response, token: str | None) -> str:
    if response.is_redirect or (response.status_code == 401 and not token):
        return "The host wants to know who you are: give --token, or set HALLWAY_TOKEN (see `hallway token create`)."
    try:
        problem = response.json()
    except ValueError:
        return f"The host answered {response.status_code}."
    said = str(problem.get("detail") or problem.get("message") or problem)
    if "correlation_id" in problem:
        said += f" ({problem.get('code')}, correlation id {problem['correlation_id']})"
    return said
