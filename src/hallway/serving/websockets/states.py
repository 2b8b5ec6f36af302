"""The states of one WebSocket connection, and what may happen in each."""

from enum import Enum


class State(Enum):
    """Where a connection stands, after RFC 6455 section 7.1 and the order of ASGI messages."""

    CONNECTING = "connecting"
    """The request is with the application, which has not answered."""
    DENYING = "denying"
    """The application answers with an HTTP response instead (ASGI extension `websocket.http.response`)."""
    OPEN = "open"
    """Messages go both ways."""
    CLOSING = "closing"
    """Our Close frame is sent; the peer's is awaited (RFC 6455 section 7.1.2)."""
    FAILED = "failed"
    """The peer broke the protocol: our Close frame is sent, and no byte of the peer's is looked at (7.1.7)."""
    CLOSED = "closed"
    """Nothing more is said; the TCP connection is closed or closing."""


_MOVES: dict[State, frozenset[State]] = {
    State.CONNECTING: frozenset({State.DENYING, State.OPEN, State.CLOSED}),
    State.DENYING: frozenset({State.CLOSED}),
    State.OPEN: frozenset({State.CLOSING, State.FAILED, State.CLOSED}),
    State.CLOSING: frozenset({State.FAILED, State.CLOSED}),
    State.FAILED: frozenset({State.CLOSED}),
    State.CLOSED: frozenset(),
}

# What the application may send in each state; in the others, nothing.
_MESSAGES: dict[State, tuple[str, ...]] = {
    State.CONNECTING: ("websocket.accept", "websocket.close", "websocket.http.response.start"),
    State.DENYING: ("websocket.http.response.body",),
    State.OPEN: ("websocket.send", "websocket.close"),
}


class IllegalMove(RuntimeError):
    """A connection was to go from one state to another that does not follow it: a mistake of this package."""

    def __init__(self, old: State, new: State) -> None:
        super().__init__(f"A connection that is {old.value} cannot become {new.value}.")


class IllegalMessage(RuntimeError):
    """The application sent an ASGI message that has no place in the connection's state: a mistake of its author."""

    def __init__(self, message_type: str, state: State) -> None:
        allowed = " or ".join(f"'{name}'" for name in _MESSAGES.get(state, ()))
        expected = f"expected {allowed}" if allowed else "the application has ended it"
        super().__init__(
            f"Unexpected ASGI message '{message_type}': the WebSocket is {state.value}, {expected}."
        )


class Disconnected(OSError):
    """The application sent something to a peer that is no longer there.

    An OSError, as ASGI 2.4 has it, so that frameworks know it without knowing this class.
    """

    def __init__(self) -> None:
        super().__init__("The WebSocket is disconnected.")


class Lifecycle:
    """The state of one connection, which changes only along the table of moves."""

    __slots__ = ("_ended_by_application", "state")

    def __init__(self) -> None:
        self.state = State.CONNECTING
        self._ended_by_application = False

    def move(self, new: State, *, by_application: bool = False) -> None:
        """Go to another state.

        Args:
            new: The state to go to.
            by_application: Whether the application asked for it; then it is to send nothing afterwards.

        Raises:
            IllegalMove: It does not follow the present one.
        """
        if new not in _MOVES[self.state]:
            raise IllegalMove(self.state, new)
        self.state = new
        self._ended_by_application |= by_application

    def check(self, message_type: str) -> None:
        """See that the application may send such a message now.

        Raises:
            Disconnected: Nobody is there to get it, for which the application cannot be blamed.
            IllegalMessage: The application should have known that it may not.
        """
        if self.state is State.OPEN and message_type == "websocket.send":
            return  # what is asked ten thousand times a second
        allowed = _MESSAGES.get(self.state)
        if allowed is None and not self._ended_by_application:
            raise Disconnected
        if allowed is None or message_type not in allowed:
            raise IllegalMessage(message_type, self.state)
