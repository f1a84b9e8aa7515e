"""A second opinion: the waits of a watch as a newcomer would write them down after reading what the product promises.

Deliberately naive. Lists and loops, one class, no cleverness, and nothing taken from the machine: no table, no record,
no helper. It knows one small household: an author with two ways to sign, four keepers of whom two are needed, words for
a friend when the author died, and words for one of the keepers when the author died or cannot act.

Every act answers True when it is taken and False when it is refused. Letters are named by the number of the writing
they belong to: whatever must be handed over anew is a new writing, and older ones start no wait any more.
"""

KEEPERS = ["bea", "cem", "dov", "eli"]
AUTHOR, FRIEND, QUORUM = "anna", "rosa", 2
WAITS = {
    "check in": 20, "remind": 15, "late": 6, "remind again": 3, "vigil": 4, "last call": 3, "ask again": 9,
    "closing": 7, "spoken": 5, "hold": 8, "unreached": 6, "untold": 5, "alarm again": 10, "home": 12,
}  # fmt: skip
ON_THE_WAY = ["released", "told", "shares_wanted", "later", "through_someone", "declined"]


class Naive:
    def __init__(self):
        self.wall = self.credit = 0
        self.stage, self.sign, self.reminded, self.weak = "well", (0, 0), False, 0
        self.writing = self.newest = 0  # the stage's own letters, and the newest letters of all
        self.wait, self.heard, self.asked_again = None, [], (0, 0)
        self.failing, self.unreached = None, False
        self.held = []  # who has stopped the clocks since the last sign or the opening of the case
        self.holds = []  # each: cause, by, since (None: never over), signed
        self.case, self.cases, self.epoch = None, 0, 1
        self.statements = {}  # keeper -> finding
        self.closing = None
        self.void, self.silent, self.alarmed = [], [], {}
        self.tracks = [self.track("bea", ["died", "cannot_act"]), self.track(FRIEND, ["died"])]

    def track(self, recipient, findings):
        return {
            "to": recipient, "findings": findings, "stage": "asked", "words": "sealed", "writing": 0, "wait": None,
            "length": 0, "tried": [], "out": None, "told": False, "handed": False, "first": False,
        }  # fmt: skip

    # Time. A wait is over when both clocks have run.

    def now(self):
        return (self.wall, self.credit)

    def over(self, since, length):
        return min(self.wall - since[0], self.credit - since[1]) >= length

    def pass_time(self, wall, credit):
        self.wall += wall
        self.credit += credit

    def settle(self):
        """Everything whose wait is over happens, one thing after the other."""
        for _ in range(50):
            if not self.one_thing():
                return
        raise AssertionError("this never comes to rest")

    def one_thing(self):
        for hold in self.holds:
            length = WAITS["hold"] if hold["cause"] in ("switch", "clock") else WAITS["spoken"]
            if hold["since"] and self.over(hold["since"], length):
                self.hold_lapses(hold)
                return True
        if any(h["cause"] == "restore" for h in self.holds) and self.over(
            self.asked_again, WAITS["ask again"]
        ):
            self.asked_again = self.now()
            return True
        if self.holds:
            return False
        return getattr(self, f"time_in_{self.stage}")()

    def time_in_well(self):
        if not self.reminded and self.over(self.sign, WAITS["remind"]):
            self.reminded = True
        elif self.over(self.sign, WAITS["check in"]):
            self.begin_late()
        else:
            return False
        return True

    def time_in_late(self):
        if self.wait and self.over(self.wait, WAITS["late"]):
            self.begin_vigil()
        elif not self.wait and self.failing and self.over(self.failing, WAITS["unreached"]):
            self.unreached = True
            self.begin_vigil()
        elif self.wait and not self.reminded and self.over(self.wait, WAITS["remind again"]):
            self.reminded = True
        else:
            return False
        return True

    def time_in_vigil(self):
        undecided = not self.wait
        for track in self.tracks:
            if track["stage"] == "asked" and self.agreed(track):
                if self.wait and self.over(self.wait, WAITS["vigil"]):
                    called = [t for t in self.tracks if t["stage"] == "last_call" and not t["wait"]]
                    if not called and not self.unreached:
                        self.failing = None
                    self.newest += 1
                    for one in self.tracks:  # one letter to the author for all of them
                        if one["stage"] == "asked" and self.agreed(one):
                            one.update(stage="last_call", writing=self.newest, wait=None, tried=[])
                    return True
            elif track["stage"] == "asked":
                undecided = True
            elif track["stage"] == "last_call" and track["wait"]:
                if self.over(track["wait"], track["length"]):
                    for one in self.tracks:  # and people hear of all of them at once
                        if (
                            one["stage"] == "last_call"
                            and one["wait"]
                            and self.over(one["wait"], one["length"])
                        ):
                            self.release(one)
                    return True
            elif track["stage"] == "last_call":
                if self.failing and not self.unreached and self.over(self.failing, WAITS["unreached"]):
                    self.unreached = True
                    self.count_tried()
                    return True
                undecided = undecided or self.unreached
            elif (
                track["words"] == "released"
                and not track["first"]
                and track["to"] not in self.silent
                and self.over(track["out"], WAITS["untold"])
            ):
                track["first"] = True
                return True
        if undecided and self.over(self.asked_again, WAITS["ask again"]):
            self.asked_again = self.now()
            return True
        return False

    def time_in_closing(self):
        if not self.closing["wait"] and self.over(self.asked_again, WAITS["ask again"]):
            self.asked_again = self.now()
            return True
        if not self.closing["wait"] or not self.over(self.closing["wait"], WAITS["closing"]):
            return False
        name = self.closing["credential"]
        self.case["lapsed"][name] = self.case["lapsed"].get(name, 0) + 1
        self.go_on()
        return True

    # From stage to stage.

    def write_anew(self):
        self.newest += 1
        self.writing, self.wait, self.heard = self.newest, None, []

    def to_asked(self, track):
        track.update(stage="asked", wait=None, tried=[])

    def last_calls_back(self):
        for track in self.tracks:
            if track["stage"] == "last_call":
                self.to_asked(track)

    def begin_late(self):
        self.stage, self.closing = "late", None
        self.last_calls_back()
        self.write_anew()
        self.failing, self.unreached, self.reminded = None, False, False

    def begin_vigil(self):
        self.stage, self.closing = "vigil", None
        self.open_case()
        self.call_keepers()
        self.hold_for_dissent()

    def call_keepers(self):
        self.write_anew()
        self.asked_again = self.now()
        self.last_calls_back()

    def open_case(self):
        if not self.case or not self.case["open"]:
            self.cases += 1
            self.held = []
            self.case = {"open": True, "closed": None, "spoken": [], "home": [], "lapsed": {}}

    def begin_closing(self, credential):
        asked = self.stage == "vigil"
        self.stage = "closing"
        self.take_down()
        self.case.update(open=True, closed=None, home=[])
        self.write_anew()
        self.closing = {"credential": credential, "wait": None, "not them": [], "asked": asked}
        self.asked_again = self.now()
        self.failing, self.unreached = None, False

    def void_statements(self):
        """Whoever had spoken with the author and is not heard any more may say so again."""
        if self.case:
            self.case["spoken"] = [k for k in self.case["spoken"] if k not in self.dissenters()]
        self.statements = {}

    def take_down(self):
        self.void_statements()
        self.recall()
        self.last_calls_back()
        self.holds = [h for h in self.holds if h["by"] == "host" and h["cause"] != "restore"]

    def recall(self):
        for track in self.tracks:
            said_to_be_open = track["words"] == "opened" and track["out"] and not track["handed"]
            if track["words"] in ON_THE_WAY or said_to_be_open:
                self.to_asked(track)
                track["words"] = "recalled"
            track["out"] = None

    def come_home(self):
        self.stage, self.closing = "well", None
        self.take_down()
        if self.case and self.case["open"]:
            self.case.update(open=False, closed=self.now())
        self.write_anew()
        for track in self.tracks:
            track.update(told=False, first=False)
        self.failing, self.unreached = None, False
        self.sign, self.weak, self.reminded = self.now(), 0, False
        self.held = []

    def go_on(self):
        """A sign was not confirmed: back to where it came from, and every wait in full."""
        self.begin_vigil() if self.closing["asked"] else self.begin_late()

    def begin_again(self):
        """The last hold has ended: the stage's letters are written again and its wait begins anew."""
        if self.stage == "well":
            self.sign, self.reminded = self.now(), False
        elif self.stage == "late":
            self.write_anew()
            self.failing, self.unreached, self.reminded = None, False, False
        elif self.stage == "vigil":
            self.call_keepers()
            self.let_tell(self.tracks)
        else:
            self.write_anew()
            self.closing["wait"] = None
            self.asked_again = self.now()

    def let_tell(self, tracks):
        """Nobody could tell of these for a while, so a letter does not go out in a person's place yet."""
        for track in tracks:
            if track["words"] == "released" and not track["first"]:
                track["out"] = self.now()

    # Signs of life.

    def strong(self, credential):
        if credential in self.void:
            return False
        if self.stage == "well":
            self.holds = [h for h in self.holds if h["by"] == "host" and h["cause"] != "restore"]
            self.sign, self.weak, self.reminded = self.now(), 0, False
            self.held = []
        elif self.stage == "late" and not (self.case and self.case["open"]):
            self.come_home()
        elif self.stage == "closing":
            if credential != self.closing["credential"] and self.closing["credential"] not in self.void:
                self.come_home()
            else:
                for hold in [h for h in self.holds if h["cause"] == "restore"]:
                    self.end(hold)
        elif self.case["lapsed"].get(credential, 0) >= 2:
            return False
        else:
            self.begin_closing(credential)
        return True

    def weakly(self):
        if self.weak >= 3:
            return False
        self.weak += 1
        if self.stage == "well":
            self.sign, self.reminded = self.now(), False
        elif self.stage == "vigil" and AUTHOR not in self.held:
            self.holds.append({"cause": "weak_sign", "by": AUTHOR, "since": self.now(), "signed": []})
            self.held.append(AUTHOR)
        return True

    def home(self, keeper):
        if self.stage == "well":
            closed = self.case and self.case["closed"]
            if not closed or self.over(closed, WAITS["home"]):
                return False
        elif self.stage != "closing":
            return False
        if keeper not in KEEPERS or keeper in self.case["home"]:
            return False
        self.case["home"].append(keeper)
        self.hear_keepers_of_closing()
        return True

    def not_them(self, keeper):
        if self.stage != "closing" or keeper not in KEEPERS or keeper in self.closing["not them"]:
            return False
        self.closing["not them"].append(keeper)
        self.hear_keepers_of_closing()
        return True

    def hear_keepers_of_closing(self):
        if self.stage != "closing":
            return
        if self.enough(self.case["home"]):
            self.come_home()
        elif self.enough(self.closing["not them"]):
            self.void.append(self.closing["credential"])
            self.go_on()

    # Who counts.

    def enough(self, signers):
        return len([k for k in signers if k not in self.silent]) >= QUORUM

    def supporters(self, track, silent):
        said = [k for k, finding in self.statements.items() if finding in track["findings"]]
        return [k for k in said if k != track["to"] and k not in silent]

    def dissenters(self):
        return sorted(k for k, finding in self.statements.items() if finding == "spoken_with")

    def agreed(self, track):
        return not self.dissenters() and len(self.supporters(track, self.silent)) >= QUORUM

    def quorums_may_have_fallen(self):
        for track in self.tracks:
            called = self.stage == "vigil" and track["stage"] == "last_call"
            if called and len(self.supporters(track, self.silent)) < QUORUM:
                self.to_asked(track)

    def hear_of_silence(self, person, silent):
        if silent is (person in self.silent):
            return
        if silent:
            self.silent.append(person)
            self.quorums_may_have_fallen()
            return
        self.silent.remove(person)
        self.let_tell([track for track in self.tracks if track["to"] == person])
        self.hear_dissent()
        for hold in [h for h in self.holds if h["cause"] == "restore" and self.enough(h["signed"])]:
            self.end(hold)
        self.hear_keepers_of_closing()
        self.count_heard()
        self.count_tried()

    # Statements.

    def state(self, keeper, finding, rumour):
        working = self.stage in ("late", "vigil") and self.case and self.case["open"]
        if not working or keeper not in KEEPERS:
            return False
        if finding in ("died", "cannot_act") and rumour:
            return False
        if finding == "spoken_with":
            others = [k for k in self.dissenters() if k != keeper]
            if self.statements.get(keeper) == finding or (keeper in self.case["spoken"] and not others):
                return False
        elif self.rests_on(keeper) and not self.would_rest_on(keeper, finding):
            return False
        self.drop(keeper)
        self.statements[keeper] = finding
        if finding == "spoken_with":
            self.case["spoken"].append(keeper)
            self.hear_dissent()
        self.quorums_may_have_fallen()
        if self.stage == "vigil":
            self.reached(keeper)
        return True

    def retract(self, keeper):
        working = self.stage in ("late", "vigil") and self.case and self.case["open"]
        if not working or keeper not in self.statements or self.rests_on(keeper):
            return False
        self.drop(keeper)
        self.quorums_may_have_fallen()
        return True

    def rests_on(self, keeper):
        return [track for track in self.tracks if track["out"] and keeper in self.supporters(track, [])]

    def would_rest_on(self, keeper, finding):
        return all(finding in track["findings"] for track in self.rests_on(keeper))

    def drop(self, keeper):
        if keeper in self.statements:
            del self.statements[keeper]
            for hold in [h for h in self.holds if h["cause"] == "spoken_with" and h["by"] == keeper]:
                self.end(hold)

    def hear_dissent(self):
        if self.stage not in ("late", "vigil") or not self.case or not self.case["open"]:
            return
        if len(self.dissenters()) >= 2:
            self.void_statements()
            self.recall()
            self.holds = [h for h in self.holds if h["cause"] != "spoken_with"]
            self.begin_late()
        else:
            self.hold_for_dissent()

    def hold_for_dissent(self):
        held = any(h["cause"] == "spoken_with" for h in self.holds)
        if self.stage == "vigil" and self.dissenters() and not held:
            by = self.dissenters()[0]
            self.holds.append({"cause": "spoken_with", "by": by, "since": self.now(), "signed": []})

    def tried(self, keeper):
        waiting = [t for t in self.tracks if t["stage"] == "last_call" and not t["wait"]]
        if self.stage != "vigil" or keeper not in KEEPERS or not waiting or not self.unreached:
            return False
        if all(keeper in track["tried"] for track in waiting):
            return False
        for track in waiting:
            track["tried"] = sorted({*track["tried"], keeper})
        self.count_tried()
        return True

    def count_tried(self):
        for track in self.tracks:
            signed = [k for k in track["tried"] if k != track["to"] and k not in self.silent]
            if (
                track["stage"] == "last_call"
                and not track["wait"]
                and self.unreached
                and len(signed) >= QUORUM
            ):
                track.update(wait=self.now(), length=WAITS["unreached"])

    # Alarms, holds, a restored past.

    def alarm(self, by, second):
        if by != AUTHOR and by not in KEEPERS:
            return False
        if self.stage in ("vigil", "closing"):
            return True
        if by != AUTHOR:
            again = by in self.alarmed and not self.over(self.alarmed[by], WAITS["alarm again"])
            if (again or by == "bea") and (second not in KEEPERS or second == by):
                return False
            self.alarmed[by] = self.now()
        self.open_case()
        if self.stage == "well":
            self.begin_late()
        return True

    def hold(self, by, second):
        if by not in (AUTHOR, "host", *KEEPERS) or any(h["cause"] == "switch" for h in self.holds):
            return False
        opens_case = self.stage in ("well", "late") and not (self.case and self.case["open"])
        must_join_in = by in self.held or opens_case and by == "bea"
        if must_join_in and (second not in KEEPERS or second == by):
            return False
        if by != "host" and by not in self.held:
            self.held.append(by)
        self.holds.append({"cause": "switch", "by": by, "since": self.now(), "signed": []})
        return True

    def lift(self, by, cause):
        for hold in self.holds:
            if hold["cause"] == cause == "restore":
                if by not in KEEPERS or by in hold["signed"]:
                    return False
                hold["signed"].append(by)
                if self.enough(hold["signed"]):
                    self.end(hold)
                return True
            if hold["cause"] == cause and hold["by"] == by:
                self.end(hold)
                return True
        return False

    def end(self, hold):
        self.holds.remove(hold)
        if hold["cause"] == "spoken_with":
            if self.statements.get(hold["by"]) == "spoken_with":
                del self.statements[hold["by"]]
            self.hold_for_dissent()
        if not self.holds:
            self.begin_again()

    def hold_lapses(self, hold):
        self.end(hold)
        nobody_looks = not (self.case and self.case["open"]) and self.stage in ("well", "late")
        if hold["cause"] in ("switch", "clock") and nobody_looks:
            self.open_case()
            if self.stage == "well":
                self.begin_late()

    def restored(self):
        self.void_statements()
        self.epoch += 1
        if self.case and self.case["open"]:
            self.case["home"] = []
        if self.closing:
            self.closing["not them"] = []
        for track in self.tracks:
            track["tried"] = []
            track["out"] = self.now() if track["out"] else None
        for hold in self.holds:
            hold["since"] = self.now() if hold["since"] else None
        self.begin_again()
        self.holds = [h for h in self.holds if h["cause"] not in ("restore", "spoken_with")]
        self.holds.append({"cause": "restore", "by": "host", "since": None, "signed": []})
        self.asked_again = self.now()

    # Letters.

    def taken(self, what, to, writing):
        if to == AUTHOR and what == "asking" and self.stage == "late" and writing == self.writing:
            self.failing, self.unreached = None, False
            self.wait = self.wait or self.now()
        elif to == AUTHOR and what == "last call":
            for track in self.tracks:
                if track["stage"] == "last_call" and track["writing"] == writing:
                    if not track["wait"]:
                        track.update(wait=self.now(), length=WAITS["last call"])
                    others = [t for t in self.tracks if t["stage"] == "last_call" and not t["wait"]]
                    self.failing, self.unreached = self.now() if others and self.failing else None, False
        asked = (what, self.stage) in (("call", "vigil"), ("home", "closing")) and writing == self.writing
        if asked and to in KEEPERS:
            self.reached(to)

    def reached(self, keeper):
        if keeper not in self.heard:
            self.heard.append(keeper)
        self.count_heard()

    def count_heard(self):
        if self.stage == "vigil" and not self.wait and self.enough(self.heard):
            self.wait = self.now()
        if self.stage == "closing" and not self.closing["wait"] and self.enough(self.heard):
            self.closing["wait"] = self.now()

    def failed(self, what, to, writing):
        if to != AUTHOR or self.failing:
            return
        asked = self.stage == "late" and what == "asking" and writing == self.writing and not self.wait
        called = [
            t for t in self.tracks if t["stage"] == "last_call" and t["writing"] == writing and not t["wait"]
        ]
        if asked or called:
            self.failing = self.now()

    # Words on their way.

    def release(self, track):
        if not self.agreed(track):
            self.to_asked(track)
            return
        track.update(stage="released", words="released", out=self.now(), told=False, first=False)

    def tell(self, keeper, track):
        words = track["words"]
        if keeper not in KEEPERS or keeper == track["to"] or words not in ON_THE_WAY or words == "told":
            return False
        if self.stage != "vigil" or self.holds or track["to"] in self.silent:
            return False
        if words in ("released", "shares_wanted"):
            track["words"] = "told"
        elif track["told"]:
            return False
        track["told"] = True
        return True

    def answer(self, person, track, answer):
        """The recipient asks for the shares, opens, or declines."""
        words = track["words"]
        if person != track["to"] or words == "sealed":
            return person == track["to"] and answer == "decline"
        if words == "released" and not track["first"]:
            return False
        if answer == "shares":
            if words == "recalled" or self.holds and not (words == "opened" and track["handed"]):
                return False
            track["handed"] = track["handed"] or words != "released"
            track["words"] = words if words == "opened" else "shares_wanted"
        elif answer == "open":
            if words in ("released", "opened") or not track["handed"] and (words == "recalled" or self.holds):
                return False
            track.update(words="opened", stage="released")
        else:
            if words in ("opened", "recalled"):
                return False
            track["words"] = "declined"
        return True
