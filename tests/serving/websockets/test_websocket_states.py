"""Which message may be sent when, and which state may follow which."""

import pytest

from hallway.serving.websockets.states import Disconnected, IllegalMessage, IllegalMove, Lifecycle, State

PATHS = {
    State.CONNECTING: [],
    State.DENYING: [State.DENYING],
    State.OPEN: [State.OPEN],
    State.CLOSING: [State.OPEN, State.CLOSING],
    State.FAILED: [State.OPEN, State.FAILED],
    State.CLOSED: [State.CLOSED],
}
MOVES = {
    "connecting": {"denying", "open", "closed"},
    "denying": {"closed"},
    "open": {"closing", "failed", "closed"},
    "closing": {"failed", "closed"},
    "failed": {"closed"},
    "closed": set[str](),
}
MESSAGES = {
    "connecting": {"websocket.accept", "websocket.close", "websocket.http.response.start"},
    "denying": {"websocket.http.response.body"},
    "open": {"websocket.send", "websocket.close"},
}
ALL_MESSAGES = {"websocket.unheard-of", *MESSAGES["connecting"], *MESSAGES["denying"], *MESSAGES["open"]}


def lifecycle(state: State, *, by_application: bool = False) -> Lifecycle:
    life = Lifecycle()
    for step in PATHS[state]:
        life.move(step, by_application=by_application and step is state)
    return life


@pytest.mark.parametrize("new", State)
@pytest.mark.parametrize("old", State)
def test_a_state_follows_only_some(old: State, new: State):
    life = lifecycle(old)
    if new.value in MOVES[old.value]:
        life.move(new)
        assert life.state is new
    else:
        with pytest.raises(IllegalMove, match=f"is {old.value} cannot become {new.value}"):
            life.move(new)
        assert life.state is old


@pytest.mark.parametrize("message", sorted(ALL_MESSAGES))
@pytest.mark.parametrize("state", [State.CONNECTING, State.DENYING, State.OPEN])
def test_each_state_has_its_messages(state: State, message: str):
    life = lifecycle(state)
    allowed = MESSAGES[state.value]
    if message in allowed:
        life.check(message)
    else:
        with pytest.raises(IllegalMessage) as caught:
            life.check(message)
        assert f"'{message}'" in str(caught.value)
        assert state.value in str(caught.value)
        assert all(name in str(caught.value) for name in allowed)


@pytest.mark.parametrize("message", sorted(ALL_MESSAGES))
@pytest.mark.parametrize("state", [State.CLOSING, State.FAILED, State.CLOSED])
def test_after_the_end_it_matters_whose_it_was(state: State, message: str):
    with pytest.raises(Disconnected):
        lifecycle(state).check(message)
    with pytest.raises(IllegalMessage, match=f"'{message}'.*the application has ended it"):
        lifecycle(state, by_application=True).check(message)


def test_who_ended_it_is_not_forgotten():
    life = lifecycle(State.CLOSING, by_application=True)
    life.move(State.CLOSED)
    with pytest.raises(IllegalMessage):
        life.check("websocket.send")
