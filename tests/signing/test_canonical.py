"""One spelling for every value."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lastwords.signing.canonical import LARGEST, decode, encode
from lastwords.signing.refusals import NotCanonical

keys = st.text(st.characters(max_codepoint=127), max_size=8)
leaves = st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.text(max_size=20)
values = st.recursive(
    leaves, lambda v: st.lists(v, max_size=4) | st.dictionaries(keys, v, max_size=4), max_leaves=12
)


@given(values)
def test_every_value_comes_back_from_its_bytes(value: object) -> None:
    assert decode(encode(value)) == value


@given(values)
def test_the_order_of_keys_does_not_change_the_bytes(value: object) -> None:
    def turned(part: object) -> object:
        if isinstance(part, dict):
            return {key: turned(part[key]) for key in reversed(list(part))}
        return [turned(entry) for entry in part] if isinstance(part, list) else part

    assert encode(turned(value)) == encode(value)


def test_the_bytes_are_those_of_rfc_8785() -> None:
    value = {"peach": '€\n\u0001"\\/', "a": [1, True, None, {}], "B": -5, "aa": "\x7f"}
    expected = '{"B":-5,"a":[1,true,null,{}],"aa":"\x7f","peach":"€\\n\\u0001\\"\\\\/"}'
    assert encode(value) == expected.encode()


OTHER_SPELLINGS = {
    "white space": b'{"a": 1}',
    "a key twice": b'{"a":1,"a":1}',
    "another order": b'{"b":1,"a":1}',
    "a fraction": b'{"a":1.5}',
    "a whole number written as a fraction": b'{"a":1.0}',
    "an exponent": b'{"a":1e3}',
    "minus nothing": b"-0",
    "a needless escape": b'"\\u0061"',
    "an escaped slash": b'"\\/"',
    "half a character": b'"\\ud800"',
    "not a number": b"NaN",
    "without bound": b"Infinity",
    "too large": b"9007199254740992",
    "a key outside ASCII": '{"ä":1}'.encode(),
    "a byte order mark": b'\xef\xbb\xbf{"a":1}',
    "not UTF-8": b'"\xff"',
    "two values": b"1 1",
    "nothing": b"",
    "too deep": b"[" * 40 + b"]" * 40,
    "deep enough to exhaust a parser": b"[" * 100_000,
    "too long": b'"' + b"a" * (1 << 20) + b'"',
}


@pytest.mark.parametrize("data", OTHER_SPELLINGS.values(), ids=OTHER_SPELLINGS)
def test_any_other_spelling_is_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical) as refusal:
        decode(data)
    assert refusal.value.happened and refusal.value.do


def test_a_lenient_decoder_would_let_two_spellings_pass_as_one() -> None:
    # The planted fault: the standard library's reader alone. It accepts what the strict one refuses.
    assert json.loads(OTHER_SPELLINGS["a key twice"]) == json.loads(b'{"a":1}')


@pytest.mark.parametrize("value", [1.0, {1: 2}, {"ä": 1}, 2**53, b"bytes", {"a": {1}}, "\udc00"])
def test_values_outside_the_subset_are_not_written(value: object) -> None:
    with pytest.raises(NotCanonical):
        encode(value)  # type: ignore[arg-type]
