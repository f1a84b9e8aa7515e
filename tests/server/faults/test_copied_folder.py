"""Somebody copies a served data folder and starts a second host from it, while the first goes on and hears the author:
what can be noticed is noticed, and the copy releases nothing."""

import shutil

import pytest
from server.faults.copied import Copied, at_home, heads, led_to, near_its_end, stands, subjects
from server.faults.served import Served
from server.test_serve import wait_for

from lastwords.server.place import PLACE

pytestmark = [pytest.mark.slow, pytest.mark.only_on("sqlite")]
RELEASED = "Words of Iruka can be given now"


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The first host, with Iruka in a last call; two copies of it; then his sign of life at the first. Nothing of it
    changes afterwards but what each host does by itself."""
    folder = tmp_path_factory.mktemp("copied")
    first, copies = Served(folder / "first"), []
    try:
        near_its_end(first)
        iruka = at_home(first, "iruka", folder / "iruka")
        first.serve()
        copies += [Copied(first, folder / name) for name in ("marked", "older", "unmarked")]
        iruka.does("here")
        iruka.does("log", "check")
        for copy in copies:
            copy.last_call_runs_out()
        yield first, copies, iruka
    finally:
        for host in (*copies, first):
            host.close()


def noticed(copy):
    """Starts a copy, and waits until everybody has been written to that it stands still."""
    copy.serve()
    told = "was restored from a backup"
    wait_for(lambda: sum(told in one for one in subjects(copy)) == 6, "author and keepers to be told")
    stage, words, holds = stands(copy)
    assert (stage, words, "restore" in holds) == ("vigil", {"asked"}, True)
    assert not any(RELEASED in one for one in subjects(copy))


def the_fork_is_seen(first, copy, iruka):
    """Whoever compares letters sees it at either host; the author's own device sees it, and tells everybody."""
    wait_for(lambda: heads(first) and heads(copy), "letters that name a row")
    for one, other in ((first, copy), (copy, first)):
        said = [word for head in heads(other)[-1:] for word in ("--head", head)]
        checked = one.run("log", "verify", "--data", one.data, *said, "--json", check=False)
        assert checked.returncode == 1 and '"whole": false' in checked.stdout, checked.stdout
        assert one.verified(), "each history is right in itself"
    assert led_to(copy, iruka).refused("log", "check")["code"] == "record_differs"
    led_to(first, iruka).does("log", "check")


def test_a_copy_knows_that_it_is_one_and_begins_on_hold_while_the_first_goes_on(played):
    first, (copy, _, _), iruka = played
    noticed(copy)
    stage, words, holds = stands(first)
    assert (stage, "restore" in holds) == ("closing", False) and words == {"asked"}
    the_fork_is_seen(first, copy, iruka)


def test_a_copy_whose_database_is_older_than_the_heads_beside_it_begins_on_hold_too(played):
    """As when the database was copied first: its heads file has seen what the copy has not."""
    first, (_, copy, _), _ = played
    (copy.data / PLACE).unlink()
    shutil.copy(first.data / "heads", copy.data / "heads")
    noticed(copy)


def test_a_copy_that_knows_nothing_of_it_releases_words_of_somebody_who_lives_and_is_seen_from_outside(
    played,
):
    """The planted fault: the mark is left behind, and nothing stands still. What devices and letters show is there."""
    first, (_, _, copy), iruka = played
    (copy.data / PLACE).unlink()
    copy.serve()
    wait_for(lambda: any(RELEASED in one for one in subjects(copy)), "the words to be released")
    assert stands(copy)[:2] == ("vigil", {"released"})
    the_fork_is_seen(first, copy, iruka)
