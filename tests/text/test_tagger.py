"""The article's tagger, trained on real sentences: a BiLSTM beside PyTorch's, in quality and time.

The treebank must be in the cache (``AUTOGRAD_LAB_DATA``) or the internet at hand:
``pytest -m slow tests/text/test_tagger.py -s``.
"""

import random
import time
from types import SimpleNamespace

import pytest
import torch as theirs

import autograd_lab as ours
from autograd_lab.text import build_vocab_from_iterator, collate_padded, datasets

EPOCHS, BATCH, EMBEDDING, HIDDEN, RATE = 3, 16, 64, 64, 0.005


def lower(words):
    return [word.lower() for word in words]


@pytest.fixture(scope="module")
def task():
    """Read the treebank; give the sentences as numbers, and how many words and tags there are."""
    train, valid = datasets.UDPOS(split=("train", "valid"))
    words = build_vocab_from_iterator(
        (lower(sentence[0]) for sentence in train), min_freq=2, specials=["<pad>", "<unk>"]
    )
    words.set_default_index(words["<unk>"])
    tags = build_vocab_from_iterator(sentence[1] for sentence in train)
    train, valid = (
        [(words(lower(sentence[0])), tags(sentence[1])) for sentence in part]
        for part in (train, valid)
    )
    return SimpleNamespace(train=train, valid=valid, words=len(words), tags=len(tags))


def batches(examples, draw=None):
    """Put sentences of about the same length together, the batches in random order."""
    order = list(range(len(examples)))
    if draw:
        draw.shuffle(order)
    chunk = 50 * BATCH
    order = [
        i
        for start in range(0, len(order), chunk)
        for i in sorted(order[start : start + chunk], key=lambda i: len(examples[i][0]))
    ]
    groups = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    if draw:
        draw.shuffle(groups)
    for group in groups:
        words, tags, _ = collate_padded([examples[i] for i in group])
        yield words.numpy(), tags.numpy()


def tagger(torch, task):
    """Build the same network in either library."""

    class Tagger(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = torch.nn.Embedding(task.words, EMBEDDING, padding_idx=0)
            self.lstm = torch.nn.LSTM(EMBEDDING, HIDDEN, bidirectional=True, batch_first=True)
            self.tag = torch.nn.Linear(2 * HIDDEN, task.tags)

        def forward(self, words):
            return self.tag(self.lstm(self.embedding(words))[0])

    torch.manual_seed(0)
    return Tagger()


def train(torch, task, epochs=EPOCHS):
    """Train; give the accuracy after each epoch, and the seconds of processor time it took."""
    net, draw = tagger(torch, task), random.Random(0)
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    accuracies, begin = [], time.process_time()
    for _ in range(epochs):
        for words, tags in batches(task.train, draw):
            optimizer.zero_grad()
            scores = net(torch.tensor(words)).reshape(-1, task.tags)
            torch.nn.functional.cross_entropy(scores, torch.tensor(tags).reshape(-1)).backward()
            optimizer.step()
        accuracies.append(accuracy(torch, net, task))
    return accuracies, time.process_time() - begin


def accuracy(torch, net, task):
    """Measure the share of the words of the other sentences that get the right tag."""
    right = total = 0
    with torch.no_grad():
        for words, tags in batches(task.valid):
            tags, found = torch.tensor(tags), net(torch.tensor(words)).argmax(-1)
            right += int((found == tags).sum())
            total += int((tags != -100).sum())
    return right / total


@pytest.mark.slow
def test_the_tagger_learns_parts_of_speech(task):
    theirs.set_num_threads(1)
    found, seconds = train(ours, task)
    wanted, other = train(theirs, task)
    for name, accuracies, spent in (("ours", found, seconds), ("PyTorch", wanted, other)):
        print(f"\n{name}: {', '.join(f'{a:.4f}' for a in accuracies)} in {spent:.1f} s", end="")
    print(f"\nratio of the times: {seconds / other:.2f}")
    assert found[-1] >= 0.905
    assert abs(found[-1] - wanted[-1]) < 0.01


def test_a_small_tagger_learns_what_needs_both_sides():
    """A word's tag depends on the word before and on the word behind it."""
    draw = random.Random(0)
    examples = []
    for _ in range(200):
        words = [draw.randrange(2, 6) for _ in range(draw.randrange(3, 9))]
        around = zip([2, *words], [*words[1:], 2])
        examples.append((words, [int(before < behind) for before, behind in around]))
    task = SimpleNamespace(train=examples[:160], valid=examples[160:], words=6, tags=2)
    accuracies, _ = train(ours, task, epochs=12)
    assert accuracies[-1] > 0.97
