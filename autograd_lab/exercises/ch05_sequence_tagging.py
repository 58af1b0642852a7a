"""Exercises of chapter 5: span F1, padding, one LSTM step, reversing, clipping, unknown words."""

import autograd_lab as torch
from autograd_lab.text.conll import spans

from .exercise import Exercise, mistake


def share_found(tags, others):
    """Tell which share of the names in one list of tags is in the other, too."""
    names = set(spans(tags))
    return len(names & set(spans(others))) / len(names) if names else 0.0


class SpanF1(Exercise):
    """How many names were found? A name counts only with its borders **and** its kind.

    `gold` and `guess` are lists of tags such as `"B-PER"`, `"I-PER"`, `"O"`. `spans(tags)` gives a
    list of (kind, start, end). Return F1, that is 2 · found / (names in gold + names in guess), or
    0 where there are no names.
    """

    name = "ch5.span_f1"
    hints = (
        "If all words are tagged O, nine of ten tags are right. How many names were found?",
        "Make two sets of spans. What do both hold?",
        "`2 * len(gold & guess) / (len(gold) + len(guess))` with the two sets, 0 if both are "
        "empty.",
    )
    after = "Accuracy asks about words. Readers ask about names."

    @staticmethod
    def starter(gold, guess):
        ...

    @staticmethod
    def solution(gold, guess):
        gold, guess = set(spans(gold)), set(spans(guess))
        total = len(gold) + len(guess)
        return 2 * len(gold & guess) / total if total else 0.0

    @staticmethod
    def case(draw):
        gold, guess = [], []
        for _ in range(draw.count(2, 3 if draw.small else 8)):
            kinds = draw.pick([("PER", "LOC"), ("LOC", "PER")])
            inner = draw.pick([0, 0, 1, 2])
            name = [[f"B-{kind}"] + [f"I-{kind}"] * inner for kind in kinds]
            gold += name[0]
            guess += draw.pick([name[0], name[0], name[1], ["O"] * (inner + 1)])
            if draw.chance():
                gold.append("O")
                guess.append(draw.pick(["O", "O", "B-PER"]))
        return [gold, guess]

    @staticmethod
    def edges():
        return [[["O", "O"], ["O", "O"]]]

    @staticmethod
    @mistake("that is the share of right tags: word by word, O included",
             "Compare names, not words: `spans(tags)`.")
    def accuracy(gold, guess):
        return sum(a == b for a, b in zip(gold, guess)) / len(gold)

    @staticmethod
    @mistake("that is the precision: how many of the guessed names are real",
             "A guess that finds one name and misses ten would look perfect.")
    def precision(gold, guess):
        return share_found(guess, gold)

    @staticmethod
    @mistake("that is the recall: how many of the real names were found",
             "Who guesses everywhere finds everything. F1 weighs both.")
    def recall(gold, guess):
        return share_found(gold, guess)

    @staticmethod
    @mistake("you left out the kind: the place of a name alone counts as found",
             "Berlin tagged as a person is not found.")
    def any_kind(gold, guess):
        places = [{span[1:] for span in spans(tags)} for tags in (gold, guess)]
        total = len(places[0]) + len(places[1])
        return 2 * len(places[0] & places[1]) / total if total else 0.0

    @staticmethod
    @mistake("you took the plain mean of precision and recall",
             "F1 lies below it where the two differ: twice what both found, divided by all that "
             "the two lists name together.")
    def plain_mean(gold, guess):
        return (share_found(guess, gold) + share_found(gold, guess)) / 2


class MaskedLoss(Exercise):
    """Return the mean loss of the real words.

    `loss` (b, t) has one for each place, `mask` (b, t) is 1 at a word and 0 at padding.
    """

    name = "ch5.masked_loss"
    hints = (
        "How many real words are there?",
        "Padding may count neither above nor below the fraction line.",
        "`(loss * mask).sum() / mask.sum()`",
    )
    after = "Divide by too much, and short sentences look easy."

    @staticmethod
    def starter(loss, mask):
        ...

    @staticmethod
    def solution(loss, mask):
        return (loss * mask).sum() / mask.sum()

    @staticmethod
    def case(draw):
        b, t = draw.count(2), draw.count(2)
        lengths = [draw.count(1, t) for _ in range(b)]
        lengths[0], lengths[-1] = t, max(1, t - draw.count(1, t - 1))
        mask = torch.arange(t) < torch.tensor(lengths)[:, None]
        loss = draw.floats(b, t).abs() + draw.small * (1 + torch.arange(b * t).reshape(b, t) % 3)
        return [loss, mask.double()]

    @staticmethod
    @mistake("padding is in the mean: you divided by all places",
             "The zeros add nothing above, and still count below. Divide by `mask.sum()`.")
    def all_places(loss, mask):
        return (loss * mask).mean()

    @staticmethod
    @mistake("the mask is not used: the loss of padding counts, too",
             "Multiply by the mask before adding up.")
    def no_mask(loss, mask):
        return loss.mean()

    @staticmethod
    @mistake("every sentence counts the same, however long it is",
             "You averaged within sentences, then over them. One sum over all words, one count.")
    def by_sentence(loss, mask):
        return ((loss * mask).sum(1) / mask.sum(1)).mean()

    @staticmethod
    @mistake("that is the sum, not the mean", "Divide by the number of real words.")
    def summed(loss, mask):
        return (loss * mask).sum()

    @staticmethod
    @mistake("the mask is upside down: you averaged the padding", "1 marks a real word.")
    def inverted(loss, mask):
        return MaskedLoss.solution(loss, 1 - mask)


class LstmStep(Exercise):
    """Take one step of an LSTM, from its gates. Return the new `(h, c)`.

    `gates` (4, n) are the four sums before any squashing, in PyTorch's order: input, forget,
    candidate, output. `c` (n,) is the old memory.
    """

    name = "ch5.lstm_step"
    hints = (
        "Three gates are doors between 0 and 1; the candidate is what may come in, from −1 to 1.",
        "New memory: what the forget gate lets stay, plus what the input gate lets in.",
        "`c = f.sigmoid() * c + i.sigmoid() * g.tanh()`, and `h = o.sigmoid() * c.tanh()`.",
    )
    after = "The + in the middle is the whole secret: a gradient can walk along it unharmed."

    @staticmethod
    def starter(gates, c):
        ...

    @staticmethod
    def solution(gates, c):
        i, f, g, o = gates
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c

    @staticmethod
    def case(draw):
        n = draw.count(1, 4)
        return [draw.floats(4, n) / 2, draw.floats(n)]

    @staticmethod
    @mistake("the gates are in another order: you took the last two for output and candidate",
             "PyTorch stores input, forget, **candidate**, output.")
    def order(gates, c):
        i, f, o, g = gates
        return LstmStep.solution(torch.stack([i, f, g, o]), c)

    @staticmethod
    @mistake("input and forget gate are exchanged",
             "The forget gate, second in line, belongs to the old memory.")
    def exchanged(gates, c):
        i, f, g, o = gates
        return LstmStep.solution(torch.stack([f, i, g, o]), c)

    @staticmethod
    @mistake("the candidate went through a sigmoid: nothing negative can ever be written",
             "What comes in may be negative: `tanh`.")
    def no_minus(gates, c):
        i, f, g, o = gates.sigmoid()
        c = f * c + i * g
        return o * c.tanh(), c

    @staticmethod
    @mistake("the memory goes out unsquashed: its `tanh` is missing",
             "h = output gate × tanh(c). So h stays between −1 and 1.")
    def no_tanh(gates, c):
        i, f, g, o = gates
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c, c

    @staticmethod
    @mistake("the three doors are not squashed: without a sigmoid they are no gates",
             "A gate says how much passes, from 0 to 1.")
    def open_doors(gates, c):
        i, f, g, o = gates
        c = f * c + i * g.tanh()
        return o * c.tanh(), c

    @staticmethod
    @mistake("the two results are exchanged: the memory comes first",
             "PyTorch's order is `(h, c)`: what is shown, then what is remembered.")
    def memory_first(gates, c):
        return LstmStep.solution(gates, c)[::-1]


class Reverse(Exercise):
    """Turn every sentence round, as the backward half of a BiLSTM needs it; padding stays behind.

    `words` (b, t) are numbers of words, 0 is padding; sentence i has `lengths[i]` words.
    """

    name = "ch5.reverse"
    hints = (
        "Where does the padding stand after `words.flip(1)`, and where must it stand?",
        "Take each sentence by itself: its first `n` words, turned round.",
        "`result = words.clone()`, then `result[i, :n] = words[i, :n].flip(0)` for each sentence.",
    )
    after = "Forget this, and your backward LSTM reads silence first."

    @staticmethod
    def starter(words, lengths):
        ...

    @staticmethod
    def solution(words, lengths):
        result = words.clone()
        for i, n in enumerate(lengths.tolist()):
            result[i, :n] = words[i, :n].flip(0)
        return result

    @staticmethod
    def case(draw):
        b, t = draw.count(2), draw.count(3)
        lengths = [draw.count(2, t) for _ in range(b)]
        lengths[0] = t - draw.count(0, 1)
        lengths = torch.tensor(lengths)
        real = torch.arange(t) < lengths[:, None]
        return [draw.ints(1, 9, b, t) * real, lengths]

    @staticmethod
    @mistake("the padding was turned round, too, and now comes first",
             "Only the first `lengths[i]` words of sentence i change places.")
    def padding_first(words, lengths):
        return words.flip(1)

    @staticmethod
    @mistake("you turned the order of the sentences round", "Words run along dimension 1.")
    def sentences(words, lengths):
        return words.flip(0)

    @staticmethod
    @mistake("the last word of every sentence stayed where it was",
             "`words[i, :n]` already leaves out place n: no − 1.")
    def last_stays(words, lengths):
        return Reverse.solution(words, lengths - 1)

    @staticmethod
    @mistake("all sentences are turned as if they were as long as the shortest",
             "Each has its own length.")
    def shortest(words, lengths):
        return Reverse.solution(words, lengths * 0 + lengths.min())


class Clip(Exercise):
    """Tame an exploding gradient: if all `grads` **together** are too long, shorten them.

    `grads` is a list of tensors. Their length is the root of the sum of all squares, as if they
    were one long vector; it may be at most `limit`. Return a list; what is short enough stays.
    """

    name = "ch5.clip"
    hints = (
        "The direction must stay: all numbers are multiplied by the same factor. Which one?",
        "The common length: square all numbers of all tensors, add up, take the root.",
        "If `length > limit`, return `[g * limit / length for g in grads]`, else `grads`.",
    )
    after = "`nn.utils.clip_grad_norm_` does this, and your LSTM survives its first epoch."

    @staticmethod
    def starter(grads, limit):
        ...

    @staticmethod
    def solution(grads, limit):
        length = sum((g**2).sum() for g in grads).sqrt()
        return [g * limit / length for g in grads] if length > limit else list(grads)

    @staticmethod
    def case(draw):
        grads = [draw.floats(draw.count(1, 3)), draw.floats(draw.count(1, 2), draw.count(1, 2))]
        length = sum((g**2).sum() for g in grads).sqrt().item() or 1.0
        share = draw.pick([0.2, 0.4, 0.6, 1.5])
        return [grads, 1.0 if draw.small else length * share]

    @staticmethod
    def edges():
        pair = [torch.tensor([3.0, 0.0], dtype=torch.float64),
                torch.tensor([[4.0]], dtype=torch.float64)]
        return [[pair, 2.5], [pair, 10.0], [[g / 10 for g in pair], 1.0]]

    @staticmethod
    @mistake("you shortened every tensor by itself, which turns the common direction",
             "One length for all of them, and one factor.")
    def each(grads, limit):
        return [Clip.solution([g], limit)[0] for g in grads]

    @staticmethod
    @mistake("you cut off the large numbers one by one, which turns the direction",
             "`clamp` treats each number alone. Multiply all by the same factor instead.")
    def clamped(grads, limit):
        return [g.clamp(-limit, limit) for g in grads]

    @staticmethod
    @mistake("you also lengthen what was short",
             "Where the length is within the limit, change nothing.")
    def always(grads, limit):
        length = sum((g**2).sum() for g in grads).sqrt()
        return [g * limit / length for g in grads]

    @staticmethod
    @mistake("you forgot the root: you compared the **square** of the length",
             "Length: root of the sum of squares.")
    def no_root(grads, limit):
        length = sum((g**2).sum() for g in grads)
        return [g * limit / length for g in grads] if length > limit else list(grads)

    @staticmethod
    @mistake("you divided by the length alone, so what was too long now has the length 1",
             "It shall have the length `limit`: multiply by that, too.")
    def to_one(grads, limit):
        length = sum((g**2).sum() for g in grads).sqrt()
        return [g / length for g in grads] if length > limit else list(grads)


class Feature(Exercise):
    """What can a tagger know of a word that it has never seen? Its ending.

    Return the lower-case `word` if that is in `known`, else `"-"` and its last three letters, also
    in lower case.
    """

    name = "ch5.feature"
    hints = (
        "What would you guess of *Blorptation*? And of *grumbled*? Why?",
        "Make the word lower-case first, then look it up.",
        "`word[-3:]` are the last three letters.",
    )
    after = "Nouns end in -ion, verbs in -ing and -ed: worth several points on words never seen."

    WORDS = (
        "walking", "Walking", "nation", "House", "the", "grumbled", "Berlin", "station", "readily",
        "Readily", "mostly", "houses", "of", "computing", "England", "quick", "Quickly", "running",
    )

    @staticmethod
    def starter(word, known):
        ...

    @staticmethod
    def solution(word, known):
        word = word.lower()
        return word if word in known else "-" + word[-3:]

    @staticmethod
    def case(draw):
        size = 2 if draw.small else 6
        known = sorted({draw.pick(Feature.WORDS).lower() for _ in range(size)})
        inside = draw.pick(known)
        word = draw.pick([*Feature.WORDS, inside, inside.capitalize(), inside.upper()])
        return [word, known]

    @staticmethod
    def edges():
        known = ["nation", "the", "house", "quick"]
        words = ["Nation", "The", "HOUSE", "Quick", "Motion", "walking", "Station", "nation",
                 "MOTION", "WALKING"]
        return [[word, known] for word in words]

    @staticmethod
    @mistake("you kept the first letters", "The ending tells: `word[-3:]`.")
    def beginning(word, known):
        word = word.lower()
        return word if word in known else "-" + word[:3]

    @staticmethod
    @mistake("a capital letter makes every word unknown: you looked it up as it was written",
             "Lower case first, then `in known`.")
    def as_written(word, known):
        return word if word in known else "-" + word[-3:].lower()

    @staticmethod
    @mistake("known words lose all but their ending, too", "A word in `known` stays whole.")
    def always(word, known):
        return "-" + word.lower()[-3:]

    @staticmethod
    @mistake("unknown words stay whole, so each of them is a stranger for ever",
             "Only the last three letters, with a dash before them.")
    def never(word, known):
        return word.lower()

    @staticmethod
    @mistake("the dash in front of the ending is missing",
             "It tells the ending *-ing* from a word that happens to be spelt so.")
    def no_dash(word, known):
        word = word.lower()
        return word if word in known else word[-3:]
