"""What a person has made sure of, where they have several browsers or several tabs: nothing newer is forgotten."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from web.twin import NODE, bundle

from lastwords.sealing.person import PersonKeys

pytestmark = NODE

PLAY = """
const browsers = {}, tabs = {};
const atHost = { sealed: null, revision: 0, before: [] };
let withheld = false;
let moment = 0;
Date.now = () => (moment += 1000);
globalThis.document = { querySelector: () => null };
globalThis.fetch = async (_, { method, body }) => {
  if (withheld) return { ok: true, json: async () => withheld };
  if (method === "GET") return { ok: true, json: async () => ({ ...atHost }) };
  const said = JSON.parse(body);
  const kept = said.revision === atHost.revision;
  if (kept) Object.assign(atHost, { sealed: said.sealed, revision: said.revision + 1 });
  return { ok: true, json: async () => ({ kept, revision: atHost.revision, sealed: kept ? null : atHost.sealed }) };
};
const signed = ({ number, digest }) =>
  ({ document: { author: "jonas", track: "died.ana", number }, digest, signer: "key" });
const acts = {
  see: (pins, version) => pins.see([signed(version)]),
  own: (pins, number, hash) => pins.keepOwnCopies("died.ana", number, { words: hash }),
  plan: (pins, version) => pins.seePlan(version),
  "plan?": (pins) => pins.planSeen(),
  house: (pins, handle, name) => pins.keepHousehold(handle, name),
  "own?": (pins, number) => pins.ownCopies("died.ana", number),
  "heads?": (pins) => pins.heads("jonas").map(({ number }) => number),
  "houses?": (pins) => pins.households(),
};
const { Pins } = await import(process.argv[1]);
const [, , keys, steps] = process.argv;
const answers = [];
for (const [browser, tab, act, ...given] of JSON.parse(steps)) {
  const kept = (browsers[browser] ??= new Map());
  globalThis.localStorage = { getItem: (at) => kept.get(at) ?? null, setItem: (at, text) => kept.set(at, text) };
  if (act === "withhold") withheld = { sealed: null, revision: 0, kept: true };
  else if (act === "come in") tabs[tab] = await Pins.of("jonas", { secretKey: keys });
  else {
    try {
      answers.push((await acts[act](tabs[tab], ...given)) ?? null);
    } catch (error) {
      answers.push({ refused: error.message });
    }
  }
}
process.stdout.write(JSON.stringify(answers.filter((one) => one !== null)));
"""
"""Jonas's browsers, each with its own storage and its tabs, a clock that goes on by itself, and one host, which may
come to know of nothing."""

Play = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    pins = bundle("web/src/client/pins.ts", tmp_path_factory.mktemp("pins") / "pins.mjs")
    keys = PersonKeys.new().secret_key

    def played(*steps: tuple[Any, ...]) -> list[Any]:
        done = subprocess.run(
            ["node", "--input-type=module", "--eval", PLAY, Path(pins).as_uri(), keys, json.dumps(steps)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout))

    yield played


def version(number: int) -> dict[str, Any]:
    return {"number": number, "digest": f"{number:064x}"}


def test_what_was_sealed_in_one_browser_is_ones_own_copy_in_every_other(play: Play):
    said = play(
        ("laptop", "desk", "come in"),
        ("laptop", "desk", "see", version(1)),
        ("laptop", "desk", "own", 1, "first"),
        ("phone", "hand", "come in"),
        ("phone", "hand", "see", version(2)),
        ("phone", "hand", "own", 2, "second"),
        ("laptop", "later", "come in"),
        ("laptop", "later", "own?", 2),
        ("laptop", "later", "own?", 1),
        ("laptop", "later", "see", version(2)),
        ("borrowed", "new", "come in"),
        ("borrowed", "new", "own?", 2),
    )
    assert said == [{"words": "second"}, {}, {"words": "second"}]


def test_a_version_sealed_elsewhere_has_no_copy_here_that_could_be_checked(play: Play):
    said = play(
        ("laptop", "desk", "come in"),
        ("laptop", "desk", "own", 1, "first"),
        ("laptop", "desk", "see", version(2)),
        ("laptop", "desk", "own?", 2),
    )
    assert said == [{}]


def test_an_older_tab_makes_its_browser_forget_no_version_that_a_newer_one_has_seen(play: Play):
    said = play(
        ("laptop", "old tab", "come in"),
        ("laptop", "new tab", "come in"),
        ("laptop", "new tab", "see", version(5)),
        ("laptop", "old tab", "house", "mira", "Elm Street"),
        ("laptop", "any", "withhold"),
        ("laptop", "next", "come in"),
        ("laptop", "next", "heads?"),
        ("laptop", "next", "see", version(4)),
    )
    assert said[0] == [5]
    assert "version 5 was seen before" in said[1]["refused"]


def test_where_somebody_lives_is_what_was_noted_last_on_whatever_device(play: Play):
    said = play(
        ("laptop", "desk", "come in"),
        ("laptop", "desk", "house", "mira", "Elm Street"),
        ("phone", "hand", "come in"),
        ("phone", "hand", "house", "mira", ""),
        ("laptop", "later", "come in"),
        ("laptop", "later", "houses?"),
    )
    assert said == [{"mira": ""}]


def test_the_newest_plan_that_was_signed_anywhere_is_known_everywhere_and_an_older_one_changes_nothing(
    play: Play,
):
    said = play(
        ("laptop", "old tab", "come in"),
        ("laptop", "old tab", "plan?"),
        ("laptop", "new tab", "come in"),
        ("laptop", "new tab", "plan", 3),
        ("laptop", "old tab", "plan", 2),
        ("phone", "hand", "come in"),
        ("phone", "hand", "plan?"),
        ("laptop", "any", "withhold"),
        ("laptop", "later", "come in"),
        ("laptop", "later", "plan?"),
    )
    assert said == [0, 3, 3], "the browser itself remembers, whatever a host withholds"
