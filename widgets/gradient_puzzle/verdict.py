"""What a typed gradient is: right, with its rule in numbers; or wrong, and by which mistake."""

from autograd_lab.exercises.by_hand import alike, shown

from .._typed import nonsense, number_in


def verdicts(exercise, lines, typed: dict) -> dict:
    """Judge what was typed at each node: {name: {"state", "mistake", "said"}}.

    >>> from autograd_lab.exercises import find
    >>> fill = find("ch2.fill_gradients")
    >>> told = verdicts(fill, fill.lines, {"q": "−6", "p": "3"})
    >>> told["q"]["said"], told["p"]["mistake"]
    ('loss passes on 1 · (−6) = −6.', 'no_chain')
    """
    values = {name: number_in(text) for name, text in typed.items()}
    return {name: dict(zip(("state", "mistake", "said"),
                           _verdict(exercise, lines, name, values, text)))
            for name, text in typed.items()}  # fmt: skip


def _verdict(exercise, lines, name, values, text):
    value = values[name]
    if not text:
        return "", "", ""
    if value is None:
        return "wrong", "", nonsense(text)
    if alike(value, lines.right[name]):
        hidden = _not_right(lines, lines.users(name), values)
        later = f"The rule in numbers waits for {' and '.join(hidden)}."
        return "right", "", later if hidden else rule(lines, name)
    mistake = next((m for number, m in lines.named(name).items() if alike(number, value)), "")
    if mistake:
        known = exercise.mistakes()[mistake]
        words = f"{known.misconception}. {known.hint}".replace("**", "")
        return "wrong", mistake, words[:1].upper() + words[1:]
    return "wrong", "", _fact(lines, name, values)


def rule(lines, name) -> str:
    """Write out where the gradient of a value comes from."""
    told = lines.messages(name, lines.right)
    parts = [
        f"{who} passes on {shown(lines.right[who])} · {shown(slope, True)} = {shown(message)}"
        for who, slope, message in told
    ]
    if len(parts) == 1:
        return parts[0] + "."
    return f"{', '.join(parts)}: together {shown(lines.right[name])}."


def _fact(lines, name, values):
    """Say what is true without giving the number away."""
    users = list(dict.fromkeys(lines.users(name)))
    above = {user: values[user] for user in users if user != "loss"}
    if all(value is not None for value in above.values()):
        followed = lines.gradient(name, {"loss": 1.0, **above})
        if alike(followed, values[name]):
            wrong = ", ".join(_not_right(lines, users, values))
            return f"The rule is right, but it begins with what is wrong at {wrong}."
    return (f"Not yet, and not a mistake that I know. {name} was used in "
            f"{' and '.join(users)}: what does each pass on?")  # fmt: skip


def _not_right(lines, users, values):
    """List those whose gradient is not found yet: what they pass on would tell it."""
    found = [user for user in dict.fromkeys(users) if user != "loss"]
    return [user for user in found
            if values[user] is None or not alike(values[user], lines.right[user])]
