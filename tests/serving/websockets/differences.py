"""What uvicorn's `websockets-sansio` does otherwise, by the name of the test that shows it, or of one of its cases."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """A difference.

    Args:
        what: What it does instead.
        shown: Whether the test can show it: not if it would take for ever.
        always: Whether it is so every time.
    """

    what: str
    shown: bool = True
    always: bool = True


_UTF8 = Difference("what follows the violation is parsed, too, and breaks the parser")
_UNCHECKED = Difference("sends whatever headers an application gives")
_DROPPED = Difference("what an application must not send ends the connection without a Close frame")

DIFFERENCES: dict[str | tuple[str, str], Difference] = {
    # --- opening
    "test_an_answer_in_http_may_come_in_pieces": Difference("gathers the pieces in memory", shown=False),
    "test_an_answer_in_http_waits_for_a_slow_peer": Difference("gathers the pieces in memory", shown=False),
    "test_some_answers_have_no_body": Difference("an answer needs a body"),
    ("test_an_application_that_ends_without_an_answer_is_500", "returning-denying"): Difference("no answer"),
    ("test_an_application_that_ends_without_an_answer_is_500", "raising-denying"): Difference("no answer"),
    ("test_a_wrong_answer_is_the_applications_error", "line-break"): Difference("no answer"),
    ("test_a_wrong_answer_is_the_applications_error", "bad-name"): _UNCHECKED,
    ("test_a_wrong_answer_is_the_applications_error", "own-header"): _UNCHECKED,
    "test_a_status_that_denies_nothing_is_the_applications_error": Difference("takes 101 for a denial"),
    ("test_a_malformed_request_is_refused", "body"): Difference("waits for ever", shown=False),
    ("test_a_malformed_request_is_refused", "old-version"): Difference("400"),
    ("test_a_malformed_request_is_refused", "no-version"): Difference("400"),
    # --- messages
    "test_a_message_is_either_text_or_bytes": Difference("sends the bytes, or nothing"),
    ("test_a_message_is_either_text_or_bytes", "surrogate"): _DROPPED,
    ("test_a_violation_is_answered_with_its_code", "a negative length"): Difference("1009"),
    ("test_a_violation_is_answered_with_its_code", "text that is not UTF-8"): _UTF8,
    ("test_a_violation_is_answered_with_its_code", "text that ends inside a character"): _UTF8,
    ("test_a_violation_is_answered_with_its_code", "a surrogate"): _UTF8,
    ("test_a_violation_is_answered_with_its_code", "fragments that are not UTF-8"): _UTF8,
    "test_what_came_before_a_violation_counts": Difference("it is lost"),
    ("test_a_message_is_too_big_whether_whole_or_in_fragments", "1"): Difference(
        "closes with bytes unread, a reset that takes the Close frame away", always=False
    ),
    # --- flow
    "test_a_peer_that_reads_no_pongs_gets_only_the_last": Difference("keeps them all in memory"),
    # --- closing
    "test_a_connection_may_be_lost": Difference("1005"),
    "test_a_client_may_end_without_a_close_frame": Difference("1005"),
    "test_a_long_reason_is_shortened": _DROPPED,
    "test_some_codes_cannot_be_sent": _DROPPED,
    "test_an_application_that_returns_closes_normally": Difference("drops the connection: 1006 to the peer"),
    "test_an_application_that_fails_is_1011": Difference("drops the connection: 1006 to the peer"),
    "test_a_peer_that_ignores_our_close_is_dropped": Difference("has sent no Close frame"),
    "test_the_end_is_told_again_to_who_asks_again": Difference("waits for ever", shown=False),
    "test_a_connection_is_pinged_until_it_is_silent": Difference("1005"),
}
