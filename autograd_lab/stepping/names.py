"""Name what nobody named: operations by what they do, data by what it is."""

from .numbers import shown

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def labels_of(recorded) -> dict:
    """Name every node: by the learner's names; else by operation, numbered where it repeats."""
    labels, groups = {}, {}
    for node in recorded.nodes:
        name = ".".join(str(node.name).split(".")[-2:])[:40]
        if not name and node.kind == "op":
            groups.setdefault(node.op, []).append(node.id)
        elif not name:
            value = list(node.value.values) if node.value else []
            if len(value) == 1 and not node.shape and not node.requires_grad:
                name = shown(value[0])
            if not name:
                groups.setdefault("data" if not node.requires_grad else "leaf", []).append(node.id)
        labels[node.id] = name
    for word, members in groups.items():
        for i, number in enumerate(members, 1):
            labels[number] = word + (str(i).translate(SUBSCRIPTS) if len(members) > 1 else "")
    return labels
