"""How much work a pattern of a schema can cause for each character.

The engine is linear in the text, but a repetition with a number is that many copies of its part.
At worst it looks at all of them for each character.
"""

from foundation.text.expressions import compile_text

_REPETITION = compile_text(r"\{([0-9]{1,9})(?:,([0-9]{0,9}))?\}")
MAX_STATES = 1_000_000


def pattern_states(pattern: str) -> int:
    """Return at least the places of a pattern with its repetitions written out."""
    groups, last, position = [0], 0, 0
    while position < len(pattern):
        character = pattern[position]
        repetition = _REPETITION.match(pattern, position) if character == "{" else None
        if repetition:
            copies = max(1, *(int(number) for number in repetition.groups() if number))
            groups[-1] += last * (copies - 1)
            last = min(last * copies, MAX_STATES)
            position = repetition.end()
            continue
        if character == "(":
            groups.append(0)
            last = 0
        elif character == ")" and len(groups) > 1:
            last = groups.pop()
            groups[-1] += last
        elif character not in "*+?|^$)":
            position = _end_of_atom(pattern, position)
            groups[-1], last = groups[-1] + 1, 1
        groups[-1] = min(groups[-1], MAX_STATES)
        position += 1
    return max(1, sum(groups))


def _end_of_atom(pattern: str, position: int) -> int:
    """Return the position of the last character of a letter, an escape or a class."""
    if pattern[position] == "\\":
        is_named = pattern[position + 1 : position + 3] in ("p{", "P{", "x{", "u{")
        end = pattern.find("}", position) if is_named else position + 1
        return end if end > 0 else position + 1
    if pattern[position] != "[":
        return position
    depth = 0
    while position < len(pattern):
        character = pattern[position]
        depth += (character == "[") - (character == "]")
        if not depth:
            return position
        position += 2 if character == "\\" else 1
    return position
