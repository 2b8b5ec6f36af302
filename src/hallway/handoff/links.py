"""Links that hand a user over: checked when they are built, and shared links that make them work anywhere."""

from collections.abc import Mapping
from string import punctuation
from typing import Protocol, cast
from urllib.parse import parse_qs, quote, unquote

from hallway.access.callers import Caller
from hallway.errors import BadDeclaration, InputProblem, InvalidInput
from hallway.files.remote import RemoteFile
from hallway.files.shares import SHARE_PARAMETER, ShareSigner, share_address
from hallway.pipeline import Pipeline
from hallway.query import Unwritable, query_texts, write_query
from hallway.registry import Registry


class OwnAddress(Protocol):
    """Where the host is reached."""

    @property
    def base_url(self) -> str:
        """Its address with root path and no slash at the end, as the current visitor reaches it."""
        ...

    @property
    def root_path(self) -> str:
        """The path below which everything lies, "" for none."""
        ...

    def below_root(self, url: str) -> str | None:
        """Give an own address' path and query below the root; None for an address of another host."""
        ...


class Places(Protocol):
    """Knows where the apps' pages lie."""

    def path_of(self, app_id: str) -> str:
        """Give the path of an app's pages below the host's root, without a slash at the end."""
        ...

    def locate(self, path: str) -> tuple[str, str] | None:
        """Say to which app a path below the host's root belongs, and which path inside it that is."""
        ...


class HandoffLinks:
    """Builds handoff links and shared links.

    Args:
        registry: The apps.
        pipeline: Checks who may and whether the parameters fit.
        signer: Signs shared links.
        address: Where the host is reached.
        places: Where the apps' pages lie.
    """

    def __init__(
        self,
        registry: Registry,
        pipeline: Pipeline,
        signer: ShareSigner,
        address: OwnAddress,
        places: Places,
    ) -> None:
        self._registry = registry
        self._pipeline = pipeline
        self._signer = signer
        self._address = address
        self._places = places

    def handoff_url(self, target: str, caller: Caller, values: Mapping[str, object]) -> str:
        """Make a link; see `App.url_for_handoff`."""
        app, name = split_target(target)
        handoff = self._registry.find_handoff(app, name, caller, inside=False)
        self._pipeline.authorize(handoff, caller)
        given = {key: value for key, value in values.items() if value is not None}
        checked = self._pipeline.validate(handoff, {key: self._absolute(given[key]) for key in given})
        texts: dict[str, list[str]] = {}
        for key, value in given.items():
            files = [item for item in _items(checked.get(key)) if isinstance(item, RemoteFile)]
            texts[key] = [self._readable(file.url, caller) for file in files] or _checked_texts(key, value)
        # Once more as the click will bring it: text alone, where a dictionary or an empty list is lost.
        lists = handoff.signature.inputs.list_names
        _refuse_repeated([key for key, found in texts.items() if len(found) > 1 and key not in lists])
        clicked = {key: found if key in lists else found[0] for key, found in texts.items() if found}
        self._pipeline.validate(handoff, clicked)
        path = f"{self._address.root_path}/handoff/{handoff.app.id}/{handoff.declared.name}/"
        return path + write_query([(key, text) for key, found in texts.items() for text in found])

    def share_url(self, app_id: str, path: str, caller: Caller) -> str:
        """Make a shared link; see `App.share_url`."""
        if not path.startswith("/"):
            raise BadDeclaration(f"{path!r} is no path inside an app.", remedy="Begin it with '/'.")
        return self._readable(f"{self._address.base_url}{self._places.path_of(app_id)}{path}", caller)

    def _absolute(self, value: object) -> object:
        """Make an address of the host's own complete, so that a page may hand over its own `url_for(…)`."""
        root = self._address.root_path
        if isinstance(value, list):
            return [self._absolute(item) for item in cast("list[object]", value)]
        if isinstance(value, str) and value.startswith(f"{root}/"):
            below = value.removeprefix(root)
            if below[1:2] != "/" and self._places.locate(below.partition("?")[0]) is not None:
                return self._address.base_url + below
        return value

    def _readable(self, url: str, caller: Caller) -> str:
        """Sign an own address; one of another host stays as it is."""
        own = self._address.below_root(url)
        if own is None:
            return url
        own = quote(own, safe=punctuation, errors="replace")  # as whoever follows the link will spell it
        path, _, query = own.partition("?")  # `//…` at its beginning is a path here, and no other host
        app_id, inside = self._require_shared(unquote(path))
        if SHARE_PARAMETER in parse_qs(query):
            return url
        signature = self._signer.sign(share_address(app_id, inside, query), caller.principal)
        return f"{self._address.base_url}{own}{'&' if '?' in own else '?'}{SHARE_PARAMETER}={signature}"

    def _require_shared(self, path: str) -> tuple[str, str]:
        app_id, inside = self._places.locate(path) or ("", "")
        loaded = self._registry.find_app(app_id)
        if loaded is None or not loaded.shares(inside):
            raise BadDeclaration(
                f"{path!r} is no shared route, so nobody else can read it.",
                remedy="Mark the route in its app: app.share('/csv/{site}').",
            )
        return loaded.app.id, inside


def split_target(target: str) -> tuple[str, str]:
    """Split `"app/name"`.

    Raises:
        InvalidInput: It is not of that form.
    """
    app, slash, name = target.partition("/")
    if not (app and slash and name) or "/" in name:
        raise InvalidInput([InputProblem("target", f"{target!r} is no handoff; allowed: 'app/name'")])
    return app, name


def _items(value: object) -> list[object]:
    return list(cast("list[object]", value)) if isinstance(value, (list, tuple, set, frozenset)) else [value]


def _refuse_repeated(names: list[str]) -> None:
    if names:
        raise InvalidInput(
            [InputProblem(name, f"{name!r} takes one value, not several", "repeated") for name in names]
        )


def _checked_texts(key: str, value: object) -> list[str]:
    try:
        return query_texts(value)
    except Unwritable as error:
        raise InvalidInput([InputProblem(key, f"{key!r}: {error}")]) from error
