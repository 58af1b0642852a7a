"""Grids, files and models of pictures."""

import numpy as np
import pytest

import autograd_lab as torch
from autograd_lab.vision import io, models, utils


def test_a_grid_puts_each_picture_in_its_place():
    batch = torch.arange(5).reshape(5, 1, 1, 1).expand(5, 3, 2, 2).float()
    grid = utils.make_grid(batch, nrow=3, padding=1, pad_value=9.0)
    assert grid.shape == (3, 7, 10)
    assert grid[0, 1::3, 1::3].tolist() == [[0, 1, 2], [3, 4, 9]]
    assert (grid[0, 0] == 9).all() and (grid[0, :, 0] == 9).all()


def test_a_grid_brings_numbers_between_0_and_1():
    batch = torch.randn(4, 1, 3, 3) * 5
    assert utils.make_grid(batch, normalize=True).max() == 1
    each = utils.make_grid(batch, padding=0, normalize=True, scale_each=True)
    assert [each[0, :, 3 * n : 3 * n + 3].max().item() for n in range(4)] == [1, 1, 1, 1]
    cut = utils.make_grid(batch, padding=0, normalize=True, value_range=(-1, 1))
    wanted = ((batch.clamp(-1, 1) + 1) / 2)[2, 0]
    assert torch.allclose(cut[0, :, 6:9], wanted)
    assert utils.make_grid(list(batch)).shape == utils.make_grid(batch).shape
    assert utils.make_grid(batch[0]).shape == (3, 3, 3)
    with pytest.raises(TypeError, match="tensor or list of tensors expected"):
        utils.make_grid("x")


def test_pictures_survive_a_file(tmp_path):
    picture = torch.randint(0, 256, (3, 5, 7), dtype=torch.uint8)
    io.write_png(picture, tmp_path / "a.png")
    assert torch.equal(io.read_image(tmp_path / "a.png"), picture)
    assert io.read_image(tmp_path / "a.png", io.ImageReadMode.GRAY).shape == (1, 5, 7)
    coded = torch.from_numpy(np.fromfile(tmp_path / "a.png", np.uint8))
    assert torch.equal(io.decode_image(coded, "RGB"), picture)
    utils.save_image(picture.float() / 255, tmp_path / "b.png")
    assert torch.equal(io.read_image(tmp_path / "b.png"), picture)


PUBLISHED = {"resnet18": 11_689_512, "resnet34": 21_797_672, "resnet50": 25_557_032}


@pytest.mark.parametrize("name", PUBLISHED)
def test_resnet_has_the_published_size_and_names(name):
    model = getattr(models, name)()
    assert sum(p.numel() for p in model.parameters()) == PUBLISHED[name]
    keys = list(model.state_dict())
    assert keys[:6] == ["conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean",
                        "bn1.running_var", "bn1.num_batches_tracked"]  # fmt: skip
    assert "layer2.0.downsample.0.weight" in keys and keys[-2:] == ["fc.weight", "fc.bias"]


def test_a_model_by_its_name():
    assert "resnet18" in models.list_models()
    model = models.get_model("ResNet18", weights=None, num_classes=10)
    assert model.fc.out_features == 10 and isinstance(models.get_model("lenet"), models.LeNet)
    with pytest.raises(ValueError, match="Unknown model vgg16: here are lenet, resnet101"):
        models.get_model("vgg16")


def test_resnet_learns_a_batch():
    torch.manual_seed(0)
    model = models.ResNet(models.BasicBlock, [1, 1, 1, 1], num_classes=3)
    x, y = torch.randn(6, 3, 32, 32), torch.tensor([0, 1, 2, 0, 1, 2])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    losses = []
    for _ in range(8):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 3


def test_resnet_says_that_it_has_no_trained_weights():
    with pytest.raises(RuntimeError, match="does not carry trained weights"):
        models.resnet18(weights="DEFAULT")
    with pytest.raises(RuntimeError, match="does not carry trained weights"):
        models.resnet50(pretrained=True)


def test_zero_init_residual_starts_as_the_way_around():
    model = models.ResNet(models.Bottleneck, [1, 1, 1, 1], zero_init_residual=True)
    assert model.layer1[0].bn3.weight.abs().sum() == 0 and model.layer1[0].bn2.weight.sum() == 64


@pytest.mark.parametrize(("channels", "size"), [(1, 28), (3, 32)])
def test_lenet_takes_mnist_and_cifar(channels, size):
    out = models.LeNet(channels, size)(torch.zeros(2, channels, size, size))
    assert out.shape == (2, 10)
    assert np.isfinite(out.detach().numpy()).all()
