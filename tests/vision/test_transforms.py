"""Transforms: PIL's own results are the oracle for pictures, and pictures for tensors."""

import numpy as np
import pytest
from PIL import Image

import autograd_lab as torch
from autograd_lab.vision import transforms as T
from autograd_lab.vision.transforms import functional as F
from autograd_lab.vision.transforms import v2

random = np.random.default_rng(0)
pixels = random.integers(0, 256, (20, 24, 3), dtype=np.uint8)
picture = Image.fromarray(pixels)
tensor = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))
BILINEAR = F.InterpolationMode.BILINEAR


def as_array(result):
    if isinstance(result, torch.Tensor):
        return result.permute(1, 2, 0).numpy().astype(int)
    return np.asarray(result).astype(int)


BOTH = {  # one way for pictures, one for tensors: how far apart a pixel may be, and how often
    "hflip": (F.hflip, 0), "vflip": (F.vflip, 0),
    "crop": (lambda x: F.crop(x, 3, 5, 10, 9), 0),
    "crop beyond": (lambda x: F.crop(x, -3, 18, 10, 9), 0),
    "center_crop": (lambda x: F.center_crop(x, (11, 13)), 0),
    "center_crop wider": (lambda x: F.center_crop(x, (31, 10)), 0),
    "pad": (lambda x: F.pad(x, (1, 2, 3, 4)), 0),
    "pad reflect": (lambda x: F.pad(x, 3, padding_mode="reflect"), 0),
    "pad edge": (lambda x: F.pad(x, (3, 1), padding_mode="edge"), 0),
    "pad symmetric": (lambda x: F.pad(x, (1, 2, 3, 4), padding_mode="symmetric"), 0),
    "resize nearest exact": (lambda x: F.resize(x, (20, 24), F.InterpolationMode.NEAREST_EXACT), 0),
    "ten_crop": (lambda x: F.ten_crop(x, 7)[6], 0),
    "resize": (lambda x: F.resize(x, (10, 12)), 1),
    "resize larger": (lambda x: F.resize(x, (33, 40)), 1),
    "resize bicubic": (lambda x: F.resize(x, (7, 9), F.InterpolationMode.BICUBIC), 1),
    "resize shorter side": (lambda x: F.resize(x, 10), 1),
    "rotate 90": (lambda x: F.rotate(F.crop(x, 0, 0, 20, 20), 90), 0),
    "affine": (lambda x: F.affine(x, 0, (3, -2), 1.0, (0.0, 0.0)), 0),
    "brightness": (lambda x: F.adjust_brightness(x, 1.3), 1),
    "contrast": (lambda x: F.adjust_contrast(x, 0.6), 1),
    "saturation": (lambda x: F.adjust_saturation(x, 1.5), 2),
    "gamma": (lambda x: F.adjust_gamma(x, 0.7), 1),
    "grey": (lambda x: F.rgb_to_grayscale(x, 3), 1),
    "invert": (F.invert, 0), "solarize": (lambda x: F.solarize(x, 100), 0),
    "posterize": (lambda x: F.posterize(x, 3), 0), "equalize": (F.equalize, 0),
    "autocontrast": (lambda x: F.autocontrast(F.solarize(x, 100)), 1),
    "blurred": (lambda x: F.adjust_sharpness(x, 0.2), 1),
    "sharp": (lambda x: F.adjust_sharpness(x, 1.8), 1),
}  # fmt: skip


@pytest.mark.parametrize("name", BOTH)
def test_pictures_and_tensors_agree(name):
    change, apart = BOTH[name]
    of_picture, of_tensor = as_array(change(picture)), as_array(change(tensor))
    assert of_picture.shape == of_tensor.shape
    assert np.abs(of_picture - of_tensor).max() <= apart


@pytest.mark.parametrize("mode", ["NEAREST", "BILINEAR"])
@pytest.mark.parametrize("angle", [33, -120])
@pytest.mark.parametrize("expand", [False, True])
def test_turning_agrees_inside(mode, angle, expand):
    """At the border PIL and grid_sample cut differently; inside they see the same."""
    mode = F.InterpolationMode[mode]
    turned = [as_array(F.rotate(x, angle, mode, expand)) for x in (picture, tensor)]
    assert turned[0].shape == turned[1].shape
    both = (turned[0] > 0).all(-1) & (turned[1] > 0).all(-1)
    apart = 0 if mode is F.InterpolationMode.NEAREST else 3
    close = np.abs(turned[0] - turned[1]).max(-1) <= apart
    assert both.mean() > 0.3 and close[both].mean() > 0.85


def test_affine_undoes_itself():
    """Turned by 90 degrees four times, a square picture is itself again."""
    square = tensor[:, :20, :20].float()
    turned = square
    for _ in range(4):
        turned = F.affine(turned, 90, (0, 0), 1.0, (0.0, 0.0))
    assert torch.equal(turned, square)


def test_hue_turns_red_into_green_and_back():
    red = torch.tensor([1.0, 0.0, 0.0]).reshape(3, 1, 1)
    green = F.adjust_hue(red, 1 / 3)
    assert torch.allclose(green.flatten(), torch.tensor([0.0, 1.0, 0.0]), atol=1e-6)
    assert torch.allclose(F.adjust_hue(green, -1 / 3), red, atol=1e-6)
    painted = F.adjust_hue(Image.new("RGB", (1, 1), (255, 0, 0)), 1 / 3)
    assert np.abs(as_array(painted)[0, 0] - [0, 255, 0]).max() <= 2
    noise = torch.rand(3, 5, 5)
    assert torch.allclose(F.adjust_hue(noise, 0.0), noise, atol=1e-6)


def test_between_pictures_and_tensors():
    assert torch.equal(F.pil_to_tensor(picture), tensor)
    assert torch.equal(F.to_tensor(picture), tensor.float() / 255)
    assert as_array(F.to_pil_image(F.to_tensor(picture))).tolist() == pixels.tolist()
    grey = picture.convert("L")
    assert F.to_tensor(grey).shape == (1, 20, 24) and F.to_pil_image(F.to_tensor(grey)).mode == "L"
    assert F.to_tensor(picture.convert("1")).unique().tolist() == [0.0, 1.0]
    assert F.to_tensor(np.zeros((4, 5), np.float32)).dtype is torch.float32
    deep = Image.fromarray(np.array([[1, 60_000]], np.uint16))
    assert F.to_tensor(deep).tolist() == [[[1, 60_000]]]
    with pytest.raises(TypeError, match="it is a tensor already"):
        F.to_tensor(tensor)


def test_dtype_and_range():
    fraction = F.convert_image_dtype(tensor, torch.float32)
    assert fraction.max() <= 1 and torch.equal(F.convert_image_dtype(fraction, torch.uint8), tensor)
    assert torch.equal(v2.ToDtype(torch.float32, scale=True)(v2.ToImage()(picture)), fraction)
    assert torch.equal(v2.ToDtype(torch.float32)(tensor), tensor.float())


def test_normalize():
    mean, std = [0.1, 0.2, 0.3], [0.5, 0.6, 0.7]
    x = F.to_tensor(picture)
    wanted = (x.numpy() - np.reshape(mean, (3, 1, 1))) / np.reshape(std, (3, 1, 1))
    assert np.allclose(T.Normalize(mean, std)(x).numpy(), wanted, atol=1e-6)
    in_place = x.clone()
    assert T.Normalize(mean, std, inplace=True)(in_place) is in_place
    with pytest.raises(TypeError, match="should be a float tensor"):
        F.normalize(tensor, mean, std)
    with pytest.raises(TypeError, match=r"Put ToTensor\(\) before Normalize"):
        F.normalize(picture, mean, std)
    with pytest.raises(RuntimeError, match=r"\[1, 20, 24\] doesn't match .* \[3, 20, 24\]: give"):
        F.normalize(x[:1], mean, std)
    with pytest.raises(ValueError, match="zero"):
        F.normalize(x, mean, [0.0, 1.0, 1.0])


def test_blur_keeps_the_mean_and_smooths():
    x = F.to_tensor(picture)
    blurred = F.gaussian_blur(x, (5, 5), (1.0, 1.0))
    assert blurred.var() < x.var() / 3 and abs((blurred.mean() - x.mean()).item()) < 0.01
    flat = torch.full((3, 8, 8), 0.5)
    assert torch.allclose(F.gaussian_blur(flat, 3), flat)


def test_what_fills_a_border_is_what_numpy_puts_there():
    for mode in ("edge", "reflect", "symmetric"):
        wanted = np.pad(pixels, ((2, 4), (1, 3), (0, 0)), mode=mode)
        assert as_array(F.pad(tensor, (1, 2, 3, 4), padding_mode=mode)).tolist() == wanted.tolist()
    palette = picture.convert("P")
    assert F.pad(palette, 1, padding_mode="edge").mode == "P"


def test_sizes_only_pil_knows():
    drawn = F.resize(picture, (7, 9), F.InterpolationMode.LANCZOS)
    assert as_array(drawn).tolist() == as_array(picture.resize((9, 7), Image.LANCZOS)).tolist()
    assert as_array(F.resize(picture, (7, 9), Image.LANCZOS)).tolist() == as_array(drawn).tolist()
    assert F.resize(picture, 10, max_size=11).size == (11, 9)


def test_grey_pictures_stay_grey():
    grey = tensor[:1]
    assert torch.equal(F.rgb_to_grayscale(grey), grey)
    assert F.rgb_to_grayscale(grey, 3).shape == (3, 20, 24)
    assert torch.equal(T.RandomGrayscale(p=1.0)(grey), grey)
    assert torch.equal(T.ColorJitter(saturation=0.5, hue=0.2)(grey), grey)


def test_precision_stays():
    x = torch.rand(3, 6, 6, dtype=torch.float64)
    for change in (
        lambda x: F.adjust_brightness(x, 0.5), lambda x: F.adjust_contrast(x, 1.0),
        lambda x: F.adjust_saturation(x, 1.0), lambda x: F.gaussian_blur(x, 3, 1e-3),
    ):  # fmt: skip
        changed = change(x)
        assert changed.dtype is torch.float64
        assert min(abs(changed - x).max(), abs(2 * changed - x).max()) < 1e-15


def test_erasing_with_a_colour():
    erased = T.RandomErasing(1.0, scale=(0.1, 0.1), ratio=(4, 4), value=(1.0, 2.0, 3.0))(
        torch.zeros(3, 20, 20)
    )
    assert erased.amax((1, 2)).tolist() == [1.0, 2.0, 3.0]
    rows, columns = ((erased[0] > 0).any(d).sum().item() for d in (1, 0))
    assert rows == 13 and columns == 3  # the ratio is height to width


def test_pictures_stay_on_their_device(gpu):
    x = tensor.float().cuda()
    for change in (
        lambda x: F.pad(x, 2, padding_mode="reflect"), lambda x: F.gaussian_blur(x, 3),
        lambda x: F.rotate(x, 30, BILINEAR, fill=[1, 2, 3]), lambda x: F.normalize(x, 0.5, 0.5),
        lambda x: F.erase(x, 0, 0, 2, 2, [1, 2, 3]), T.RandomErasing(1.0, value="random"),
        lambda x: F.adjust_contrast(x, 0.5), lambda x: F.resize(x, 8), F.autocontrast,
        lambda x: F.equalize(x.byte()), lambda x: F.adjust_sharpness(x, 2),
    ):  # fmt: skip
        assert change(x).device.type == "cuda"


RANDOM = [
    T.RandomCrop(16, padding=2), T.RandomHorizontalFlip(), T.RandomVerticalFlip(),
    T.RandomResizedCrop(12), T.RandomRotation(20), T.RandomAffine(10, (0.1, 0.1), (0.9, 1.1), 5),
    T.ColorJitter(0.4, 0.4, 0.4, 0.1), T.RandomGrayscale(0.5), T.GaussianBlur(3),
    T.RandomApply([T.Grayscale(3)]), T.RandomOrder([T.Pad(1), T.CenterCrop(10)]),
    T.RandomChoice([T.CenterCrop(5), T.CenterCrop(7)]), T.RandomErasing(1.0), T.RandomInvert(),
    T.RandomAutocontrast(), T.RandomEqualize(), T.RandomSolarize(9), T.RandomPosterize(2),
    T.RandomAdjustSharpness(2),
]  # fmt: skip


@pytest.mark.parametrize("transform", RANDOM, ids=lambda t: type(t).__name__)
def test_a_seed_repeats_what_is_drawn(transform):
    def run(seed):
        torch.manual_seed(seed)
        return [transform(tensor) for _ in range(8)]

    first, again, other = run(1), run(1), run(2)
    assert all(torch.equal(a, b) for a, b in zip(first, again))
    assert not all(a.shape == b.shape and torch.equal(a, b) for a, b in zip(first, other))


def test_random_crop_stays_inside_and_reaches_the_borders():
    rows = torch.arange(6).reshape(1, 6, 1).expand(1, 6, 6)
    tops = {T.RandomCrop(4)(rows)[0, 0, 0].item() for _ in range(100)}
    assert tops == {0, 1, 2}
    with pytest.raises(ValueError, match="larger than input image"):
        T.RandomCrop(7)(rows)


def test_coins_fall_both_ways():
    flips = [torch.equal(T.RandomHorizontalFlip()(tensor), tensor) for _ in range(60)]
    assert 10 < sum(flips) < 50


def test_compose_prints_as_torchvision_does():
    made = T.Compose([T.ToTensor(), T.Normalize((0.5,), (0.5,)), T.Resize((4, 4))])
    assert repr(made) == (
        "Compose(\n    ToTensor()\n    Normalize(mean=(0.5,), std=(0.5,))\n"
        "    Resize(size=(4, 4), interpolation=bilinear, max_size=None, antialias=True)\n)"
    )


def test_transforms_of_transforms_print_what_is_in_them():
    flip = T.RandomHorizontalFlip(p=0.5)
    line = "    RandomHorizontalFlip(p=0.5)\n"
    assert repr(T.RandomApply([flip], p=0.3)) == f"RandomApply(\n    p=0.3\n{line})"
    assert repr(T.RandomOrder([flip])) == f"RandomOrder(\n{line})"
    assert repr(T.RandomChoice([flip])) == f"RandomChoice(\n{line})(p=None)"
    assert repr(T.RandomSolarize(128)) == "RandomSolarize(threshold=128,p=0.5)"
    assert "ratio=(0.75, 1.3333)" in repr(T.RandomResizedCrop(8))


@pytest.mark.parametrize(("wrong", "words"), [
    (lambda: F.resize(tensor, 10, max_size=10), "strictly greater"),
    (lambda: F.resize(tensor, 10, F.InterpolationMode.LANCZOS), "before ToTensor"),
    (lambda: F.rgb_to_grayscale(torch.zeros(2, 4, 4)), "values are 1 or 3, but found 2"),
    (lambda: T.RandomAffine(0, translate=(3, 3)), "between 0 and 1"),
    (lambda: T.RandomAffine(0, scale=(0, 1)), "should be positive"),
    (lambda: F.to_tensor([1]), "pic should be PIL Image or ndarray"),
    (lambda: F.resize("x", 3), "img should be PIL Image or Tensor"),
    (lambda: F.to_pil_image(torch.zeros(5, 4, 4)), "> 4 channels"),
    (lambda: F.pad(tensor, (1, 2, 3)), "1, 2, or 4 element tuple"),
    (lambda: F.pad(tensor, 1, padding_mode="odd"), "Padding mode should be"),
    (lambda: F.adjust_hue(tensor, 0.7), "not in"),
    (lambda: F.gaussian_blur(tensor, 4), "odd"),
    (lambda: T.ColorJitter(brightness=-1), "non negative"),
    (lambda: T.Lambda(3), "callable"),
    (lambda: F.five_crop(tensor, 50), "bigger than input size"),
])  # fmt: skip
def test_mistakes_are_named(wrong, words):
    with pytest.raises((TypeError, ValueError, NotImplementedError), match=words):
        wrong()
