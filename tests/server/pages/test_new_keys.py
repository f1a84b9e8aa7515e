"""The page of new keys that wait, without script: one place and one no for all that nobody has vouched for."""

import re

from server.api.test_new_keys import anew, ask, reachable, statements_of, strangers, vouch
from server.api.world import Circle, models
from server.pages.conftest import Visitor

PAGE = "/account/new-keys"


def titles(text: str) -> list[str]:
    return re.findall(r"<h2>(For .*?)</h2>", text)


def test_a_keeper_reads_many_askings_as_one_and_what_is_vouched_for_by_itself(circle: Circle) -> None:
    reachable(circle)
    new, sakura = anew(circle.author), Visitor("sakura")
    strangers(0, 3)
    assert titles(sakura.get(PAGE)) == ["For Kakashi"]
    assert "Asked for 3 times" in sakura.get(PAGE)
    assert sakura.get(PAGE).count("The eight words you hear") == 1
    ask(new)
    assert vouch(circle.keeper("guy"), new, circle.author).status == 200
    strangers(3, 1)
    assert titles(sakura.get(PAGE)) == ["For Kakashi", "For Kakashi"]
    few = statements_of(lambda: sakura.get(PAGE))
    strangers(4, 4)
    assert statements_of(lambda: sakura.get(PAGE)) == few


def test_one_press_says_no_to_all_that_nobody_has_vouched_for(circle: Circle) -> None:
    reachable(circle)
    new, sakura = anew(circle.author), Visitor("sakura")
    ask(new)
    assert vouch(circle.keeper("guy"), new, circle.author).status == 200
    strangers(0, 3)
    text = sakura.get(PAGE)
    assert "No to all that nobody has vouched for" in text
    newest = models.KeyAsking.objects.latest("pk").pk
    assert re.search(rf'action="{PAGE}/{newest}/no".*?<button[^>]*name="older" value="yes"', text)
    proof = sakura.form(PAGE)
    assert sakura.send(f"{PAGE}/{newest}/no", older="yes", **proof).status_code == 302
    stages = list(models.KeyAsking.objects.order_by("pk").values_list("stage", flat=True))
    assert stages == ["vouched", "refused", "refused", "refused"]
