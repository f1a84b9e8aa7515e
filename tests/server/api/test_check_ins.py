"""Signs of life over the API: signed by the author's own key, or a code from a printed list."""

import pytest
from server.api.world import Circle, Person, an_author, models, sha256

CASES = {
    "another host": {"host": "https://elsewhere.example"},
    "another author": {"author": "obito"},
}


def test_a_signed_check_in_is_strong_and_moves_the_next_date(circle: Circle) -> None:
    before = circle.author.get(circle.path)["next_due"]
    circle.pass_time(86_400)
    got = circle.sign_of_life()
    assert (got.status, got["stage"], got["counter"], got["heads_match"]) == (200, "well", 1, True)
    assert got["next_due"] == before + 86_400
    assert circle.author.get("/me")["counters"] == {"key": 1}


def test_the_document_is_kept_with_its_row(circle: Circle) -> None:
    circle.sign_of_life()
    paper = models.Paper.objects.get(kind="check_in")
    row = models.LogRow.objects.get(number=paper.row)
    assert paper.sha256 == sha256(bytes(paper.body))
    assert paper.sha256.encode() in bytes(row.body)


def test_a_check_in_played_again_is_refused_and_not_counted(circle: Circle) -> None:
    circle.sign_of_life(counter=5)
    last = circle.watch.last_sign
    circle.house.leap(60)
    for counter in (5, 4, 1):
        again = circle.sign_of_life(counter=counter)
        assert (again.status, again.code) == (409, "counter_low")
    assert circle.watch.last_sign == last
    assert circle.sign_of_life(counter=6).status == 200


def test_a_refused_step_does_not_use_up_the_counter(circle: Circle) -> None:
    circle.fall_silent()
    models.Watch.objects.update(set_aside="a test sets it aside")
    assert circle.sign_of_life(counter=9).code == "set_aside"
    models.Watch.objects.update(set_aside="")
    assert circle.sign_of_life(counter=9).status == 200


@pytest.mark.parametrize("case", CASES)
def test_a_check_in_made_for_something_else_is_refused(circle: Circle, case: str) -> None:
    got = circle.sign_of_life(**CASES[case])
    assert (got.status, got.code) == (422, "document_elsewhere")


def test_a_check_in_signed_by_another_key_is_refused(circle: Circle) -> None:
    circle.author.keys = circle.keepers[0].keys
    assert circle.sign_of_life().code == "wrong_signer"


def test_a_sign_of_life_counts_even_when_its_heads_are_not_the_newest(circle: Circle) -> None:
    """Life wins over bookkeeping; the answer says that the two differ."""
    got = circle.sign_of_life(heads="0" * 64)
    assert (got.status, got["heads_match"]) == (200, False)


def test_a_sign_in_a_vigil_opens_a_closing_and_takes_the_tracks_down(circle: Circle) -> None:
    circle.fall_silent()
    circle.state(circle.keepers[0])
    got = circle.sign_of_life()
    assert (got.status, got["stage"], got["next_due"]) == (200, "closing", None)
    assert circle.watch.statements == ()
    assert not models.Paper.objects.filter(kind="given").exists()


# Paper codes.


def test_a_paper_code_works_once_and_without_a_session(circle: Circle) -> None:
    """Whoever has lost every device still has the list."""
    anyone = Person("kakashi")
    got = anyone.post(f"{circle.path}/check-ins", code="AAAA-1111")
    assert (got.status, got["stage"]) == (200, "well")
    assert circle.author.post(f"{circle.path}/check-ins", code="aaaa1111").code == "paper_code_refused"


def test_to_a_stranger_a_wrong_code_looks_like_an_author_who_does_not_exist(circle: Circle) -> None:
    stranger = Person("obito")
    wrong = stranger.post(f"{circle.path}/check-ins", code="cccc3333")
    nobody = stranger.post("/watches/nobody/check-ins", code="cccc3333")
    stranger_in = an_author("obito").post(f"{circle.path}/check-ins", code="cccc3333")
    assert wrong.status == 404
    assert wrong.raw == nobody.raw == stranger_in.raw


def test_a_code_is_not_used_up_by_a_step_that_is_refused(circle: Circle) -> None:
    models.Watch.objects.update(set_aside="a test sets it aside")
    assert circle.author.post(f"{circle.path}/check-ins", code="aaaa1111").code == "set_aside"
    models.Watch.objects.update(set_aside="")
    assert circle.author.post(f"{circle.path}/check-ins", code="aaaa1111").status == 200


def test_a_new_list_ends_the_old_one_and_is_a_credential_of_its_own(circle: Circle) -> None:
    got = circle.paper_codes("dddd4444")
    assert (got.status, got["sheet"]) == (201, "paper-2")
    assert circle.author.post(f"{circle.path}/check-ins", code="aaaa1111").status == 409
    assert circle.author.post(f"{circle.path}/check-ins", code="dddd4444").status == 200
    assert [one.name for one in circle.watch.credentials] == ["key", "paper", "paper-2"]


def test_a_code_after_the_key_brings_the_author_home_from_a_closing(circle: Circle) -> None:
    circle.fall_silent()
    circle.sign_of_life()
    got = circle.author.post(f"{circle.path}/check-ins", code="aaaa1111")
    assert (got.status, got["stage"]) == (200, "well")


@pytest.mark.parametrize("count", [0, 51])
def test_a_list_of_no_or_too_many_codes_is_refused(circle: Circle, count: int) -> None:
    assert circle.paper_codes(*(f"code{number}" for number in range(count))).status == 422


def test_a_code_listed_twice_is_refused(circle: Circle) -> None:
    row = {"salt": "00" * 16, "hash": "11" * 32}
    assert circle.author.post(f"{circle.path}/paper-codes", codes=[row, row]).code == "codes_unfit"


def test_a_check_in_is_one_thing_or_the_other(circle: Circle) -> None:
    assert circle.author.post(f"{circle.path}/check-ins").code == "malformed"
    both = circle.author.post(f"{circle.path}/check-ins", document="{}", code="aaaa1111")
    assert both.code == "malformed"


def test_a_signed_check_in_needs_the_authors_session(circle: Circle) -> None:
    circle.author.token = ""
    assert circle.sign_of_life().code == "sign_in"
    circle.author.token = circle.keepers[0].token
    assert circle.sign_of_life().status == 404
