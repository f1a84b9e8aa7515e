"""A case that keepers have ended: what it still offers is to say that the author lives."""

from html import unescape

from server.api.world import Circle
from server.pages.conftest import Visitor


def ended(circle: Circle) -> None:
    """Naruto keeps the words for later, and a quorum has signed that there is nothing more to do."""
    circle.release()
    assert circle.tell(circle.keepers[0]).status == 200
    assert circle.recipient_does("later", "later", until=0).status == 200
    for keeper in circle.keepers[:3]:
        document = keeper.act("close case", "kakashi", **circle.in_case())
        signed = keeper.post(f"{circle.path}/case/signatures", document=document, act="close case")
        assert signed.status == 201, signed.body


def test_who_has_spoken_with_the_author_finds_where_to_say_so_and_nothing_else(circle: Circle) -> None:
    ended(circle)
    keeper = Visitor(circle.keepers[1].handle)
    assert "I have spoken with Kakashi" in unescape(keeper.get("/cases/kakashi"))
    page = unescape(keeper.get("/cases/kakashi/statement"))
    assert "was ended by keepers" in page
    assert page.count('name="finding"') == 1
    assert circle.state(circle.keepers[1], "spoken with").status == 201
    assert "Write an entry" in unescape(keeper.get("/cases/kakashi"))
