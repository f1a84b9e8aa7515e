"""Somebody's hands on a keyboard, and nothing else: what they reach by Tab, and whether they see where they are.

`walk` goes once round a page as it stands and tells what such a person would trip over. `reach`, `press`, `fill` and
`choose` do with keys what others do with a mouse.
"""

from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

PATIENCE = 3
"""Presses for each control that there is: a field for dates has a stop for each of its parts."""
ROUND = 20
"""Presses beyond that, before somebody gives up."""
ANSWERS = 12
"""Presses of an arrow from one answer of a question to the one that is meant."""

CONTROLS = """() => {
    const wanted = "a[href], button, input, select, textarea, summary, audio[controls], video[controls], "
        + "[tabindex='0']";
    const usable = e => !e.disabled && e.type !== "hidden" && e.checkVisibility({ visibilityProperty: true })
        && e.getClientRects().length > 0;
    const named = new Set();
    window.controls = [...document.querySelectorAll(wanted)].filter(usable).filter(e => {
        if (e.type !== "radio") return true;
        const group = `${e.form?.dataset.form ?? e.form?.action} ${e.name}`;
        return !named.has(group) && named.add(group);
    });
    const said = e => (e.labels?.[0] ?? e).innerText?.trim() || e.name || e.outerHTML;
    return window.controls.map(e => said(e).slice(0, 60));
}"""
"""Everything that can be used, in the order of the page; several answers of one question count as one."""

AT = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return { place: -1 };
    const same = e => e === at
        || (e.type === "radio" && at.type === "radio" && e.name === at.name && e.form === at.form);
    const style = getComputedStyle(at), box = at.getBoundingClientRect(), bar = document.querySelector(".bar");
    const sticks = bar && getComputedStyle(bar).position === "sticky", edge = bar?.getBoundingClientRect();
    const covered = sticks && !bar.contains(at) && box.bottom > edge.top + 1 && box.top < edge.bottom - 1;
    // Of a tall field the line with the caret is brought into sight, and the rest may lie beneath the bar.
    const tall = box.height > innerHeight / 3;
    return {
        place: window.controls.findIndex(same),
        what: at.outerHTML.slice(0, 80),
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
            && style.outlineColor !== getComputedStyle(document.body).backgroundColor,
        floats: sticks && bar.contains(at),
        inside: box.bottom > 0 && box.top < innerHeight && (tall || !covered),
        left: Math.round(box.left + scrollX), top: Math.round(box.top + scrollY),
        right: Math.round(box.right + scrollX), bottom: Math.round(box.bottom + scrollY),
    };
}"""


def walk(page: Page) -> list[str]:
    """What is wrong with this page for somebody who goes through it by Tab; leaves the focus where it was. A page whose
    script was still putting things in their place is walked once more at rest."""
    found = _once_round(page)
    if found:
        page.wait_for_load_state("networkidle")
        found = _once_round(page)
    return found


def _once_round(page: Page) -> list[str]:
    names: list[str] = page.evaluate(CONTROLS)
    if not names:
        return []
    before = page.evaluate_handle("document.activeElement")
    stops: list[dict[str, Any]] = []
    wrong: list[str] = []
    for _ in range(PATIENCE * len(names) + ROUND):
        page.keyboard.press("Tab")
        at = page.evaluate(AT)
        if at["place"] < 0:
            if "what" in at and page.evaluate(CONTROLS) != names:
                return _once_round(page)  # a script of the page has shown something since
            wrong += [f"no control has the focus: {at['what']}"] if "what" in at else []
            continue
        if stops and at["place"] == stops[-1]["place"]:
            continue
        if stops and at["place"] == stops[0]["place"]:
            break
        stops.append(at)
    else:
        wrong.append("held fast: Tab does not lead round the page")
    before.evaluate("e => e.focus?.()")
    reached = [stop["place"] for stop in stops]
    wrong += [f"not reached: {name}" for place, name in enumerate(names) if place not in reached]
    for stop in stops:
        wrong += [f"no outline: {names[stop['place']]}"] if not stop["outlined"] else []
        wrong += [f"covered: {names[stop['place']]}"] if not stop["inside"] else []
    first = reached.index(min(reached)) if reached else 0
    in_order = stops[first:] + stops[:first]
    return wrong + [
        f"out of order: {names[two['place']]}"
        for one, two in zip(in_order, in_order[1:], strict=False)
        if two["place"] < one["place"] or goes_back(one, two)
    ]


def goes_back(one: dict[str, Any], two: dict[str, Any]) -> bool:
    """Whether the next stop stands above, and not in another column. A bar that floats has no place in the page."""
    floats = one["floats"] or two["floats"]
    return not floats and two["bottom"] <= one["top"] and two["left"] < one["right"]


# What they do.


def reach(page: Page, what: Locator, there: str = "e => e === at") -> None:
    """Tab, until this has the focus (or something that is as good, with what has it as `at`)."""
    expect(what).to_be_visible()
    expect(what).to_be_enabled()
    most = PATIENCE * len(page.evaluate(CONTROLS)) + ROUND
    for _ in range(most):
        if what.evaluate(f"e => {{ const at = document.activeElement; return ({there})(e); }}"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{what} is not reached by Tab, {most} times, on {page.url}")


def press(page: Page, what: Locator) -> None:
    reach(page, what)
    page.evaluate("window.pressed = true")
    page.keyboard.press("Enter")


def lost(page: Page) -> bool:
    """Whether a press showed something new on the same page and left the focus on what is no longer there."""
    return bool(page.evaluate("window.pressed === true && document.activeElement === document.body"))


def fill(page: Page, field: Locator, text: str) -> None:
    """Types into a field in the place of what is there: a date by its parts, which Chromium orders month first unless
    its machine says otherwise; all else as if it was pasted."""
    reach(page, field)
    if field.get_attribute("type") == "date":
        year, month, day = text.split("-")
        page.keyboard.type(f"{month}{day}{year}")
    else:
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(text)
    expect(field).to_have_value(text)


def choose(page: Page, answer: Locator) -> None:
    """Ticks a box, or goes to this answer from the first one of its question."""
    if answer.get_attribute("type") == "radio":
        reach(page, answer, "e => [e.type, e.name].join() === [at.type, at.name].join()")
        for _ in range(ANSWERS):
            if answer.is_checked():
                return
            here = answer.evaluate("e => e === document.activeElement")
            page.keyboard.press("Space" if here else "ArrowDown")
    elif not answer.is_checked():
        reach(page, answer)
        page.keyboard.press("Space")
    expect(answer).to_be_checked()


def give(page: Page, field: Locator, files: list[Path]) -> None:
    """Goes to the field, and has these files chosen: what would open there is the device's own window, and no page."""
    reach(page, field)
    field.set_input_files(files)
