"""What a callback of train_model is told, and when."""

import autograd_lab as torch

EVENTS = ["on_train_begin", "on_backward_end", "on_batch_end", "on_epoch_end", "on_train_end"]


class Diary:
    """Write down every event with what belongs to it."""

    def __init__(self):
        self.events = []
        for name in EVENTS:
            setattr(self, name, lambda run, name=name: self.events.append(name))


def data():
    x = torch.arange(6.0).reshape(6, 1)
    return [(x[:3], 2 * x[:3]), (x[3:], 2 * x[3:])]


def test_the_order_of_events():
    diary = Diary()
    torch.train_model(torch.nn.Linear(1, 1), data(), callbacks=[diary], progress=False)
    step = ["on_backward_end", "on_batch_end"]
    assert diary.events == ["on_train_begin", *step, *step, "on_epoch_end", "on_train_end"]


def test_values_and_gradients_belong_together_after_backward():
    net, seen = torch.nn.Linear(1, 1), []

    class Look:
        def on_backward_end(self, run):
            x, target = run.batch
            again = torch.nn.functional.mse_loss(net(x), target)
            (gradient,) = torch.autograd.grad(again, [net.weight])
            assert again.item() == run.loss_tensor.item()
            assert gradient.item() == net.weight.grad.item()
            seen.append(run.loss_tensor.item())

        def on_batch_end(self, run):
            assert run.loss == seen[-1] == run.loss_tensor.item()

    history = torch.train_model(net, data(), epochs=3, callbacks=[Look()], progress=False)
    assert seen == history.steps
    assert len(seen) == 6


def test_the_graph_before_is_given_back_before_the_next_is_made():
    net, kept = torch.nn.Linear(1, 1), []
    plain = net.forward

    def forward(input):
        kept.append(run.loss_tensor)
        return plain(input)

    run = torch.train.Run(net, torch.optim.SGD(net.parameters(), lr=0.01), None, None)
    net.forward = forward
    for batch in data():
        run.learn(batch)
    assert kept == [None, None]
