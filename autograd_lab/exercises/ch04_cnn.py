"""Exercises of chapter 4: sizes, correlation, edges, counting, channels, pruning."""

import autograd_lab as torch

from .exercise import Exercise, mistake


class Size(Exercise):
    """How wide is the result of a convolution?

    `n` pixels, a kernel of `kernel`, steps of `stride`, `padding` zeros on **each** side.
    """

    name = "ch4.size"
    hints = (
        "Lay a ruler of length 3 on one of length 7. In how many places can it lie?",
        "Without padding and stride it is n − kernel + 1. Padding makes n larger, at both ends.",
        "`(n + 2 * padding - kernel) // stride + 1`",
    )
    after = "Every layer of every CNN is planned with this line."

    @staticmethod
    def starter(n, kernel, stride, padding):
        ...

    @staticmethod
    def solution(n, kernel, stride, padding):
        return (n + 2 * padding - kernel) // stride + 1

    @staticmethod
    def case(draw):
        kernel = draw.count(2, 5)
        return [kernel + draw.count(2, 12), kernel, draw.count(1, 3), draw.count(0, 2)]

    @staticmethod
    @mistake("the padding is counted on one side only", "Left **and** right: twice.")
    def one_side(n, kernel, stride, padding):
        return (n + padding - kernel) // stride + 1

    @staticmethod
    @mistake("you count the steps, not the places: one is missing",
             "Three steps lead through four places. + 1.")
    def steps(n, kernel, stride, padding):
        return (n + 2 * padding - kernel) // stride

    @staticmethod
    @mistake("you round up; the last window must fit as a whole",
             "Where the kernel would hang over the edge there is no result: `//` rounds down.")
    def rounded_up(n, kernel, stride, padding):
        return -(-(n + 2 * padding - kernel) // stride) + 1

    @staticmethod
    @mistake("you divided by the stride first", "First see where the kernel fits, then take steps.")
    def early(n, kernel, stride, padding):
        return (n + 2 * padding) // stride - kernel + 1


class Correlate(Exercise):
    """Slide `kernel` (k, k) over `image` (h, w), multiply and add up at every place where it fits.

    Try it without `conv2d`: loops over the rows and columns of the result. No padding.
    """

    name = "ch4.correlate"
    hints = (
        "How many places are there, downwards and across? You have just written that formula.",
        "The patch at (i, j) is `image[i:i + k, j:j + k]`.",
        "`result[i, j] = (patch * kernel).sum()`, in two loops, with `result` of zeros before.",
    )
    after = (
        "`conv2d` does exactly this; it only lays the patches side by side for one matrix "
        "product."
    )

    @staticmethod
    def starter(image, kernel):
        ...

    @staticmethod
    def solution(image, kernel):
        k = len(kernel)
        high, wide = image.shape[0] - k + 1, image.shape[1] - k + 1
        result = image.new_zeros(high, wide)
        for i in range(high):
            for j in range(wide):
                result[i, j] = (image[i:i + k, j:j + k] * kernel).sum()
        return result

    @staticmethod
    def case(draw):
        k = draw.count(2, 3)
        return [draw.floats(k + draw.count(1, 3), k + draw.count(1, 3)), draw.floats(k, k)]

    @staticmethod
    @mistake("your kernel is turned by half a turn: a convolution as mathematicians write it",
             "Networks do not flip: top left of the kernel meets top left of the patch.")
    def flipped(image, kernel):
        return Correlate.solution(image, kernel.flip(0, 1))

    @staticmethod
    @mistake("rows and columns of the kernel are exchanged", "`kernel[a, b]` meets `patch[a, b]`.")
    def turned(image, kernel):
        return Correlate.solution(image, kernel.T)

    @staticmethod
    @mistake("the last row and the last column of the result are missing",
             "h − k + 1 places: the kernel may touch the lower edge.")
    def one_short(image, kernel):
        return Correlate.solution(image, kernel)[:-1, :-1]

    @staticmethod
    @mistake("you averaged over each patch", "Add the products up; no dividing.")
    def averaged(image, kernel):
        return Correlate.solution(image, kernel) / kernel.numel()


class Edges(Exercise):
    """Find vertical edges: how much brighter than a pixel is its neighbour to the right?

    `image` is (h, w). Return (h, w − 1). Use `F.conv2d` with a kernel of two numbers, or slices.
    """

    name = "ch4.edges"
    hints = (
        "Where a dark pixel has a bright one at its right the answer is large. Which two numbers?",
        "The kernel weighs the pixel itself and its right neighbour: one counts −, the other +.",
        "`image[:, 1:] - image[:, :-1]`, or a kernel of `[[-1., 1.]]` with shape (1, 1, 1, 2).",
    )
    after = "Networks find this kernel by themselves, in their first layer. Look at yours."

    @staticmethod
    def starter(image):
        ...

    @staticmethod
    def solution(image):
        return image[:, 1:] - image[:, :-1]

    @staticmethod
    def case(draw):
        n = draw.count(2, 5)
        return [draw.floats(n, n if draw.chance() else draw.count(2, 5)).float()]

    @staticmethod
    @mistake("bright and dark are exchanged: yours is large where it gets darker to the right",
             "`conv2d` does not flip its kernel. Right minus left: −1 comes first.")
    def darker(image):
        return image[:, :-1] - image[:, 1:]

    @staticmethod
    @mistake("you found horizontal edges: you compared with the pixel below",
             "The second dimension runs to the right.")
    def below(image):
        return image[1:] - image[:-1]

    @staticmethod
    @mistake("you lose the direction: the sign says whether it gets brighter or darker",
             "No `abs`: a later layer may want to know.")
    def unsigned(image):
        return (image[:, 1:] - image[:, :-1]).abs()

    @staticmethod
    @mistake("you added the neighbours, which blurs; an edge is their difference",
             "One of the two numbers must be negative.")
    def blurred(image):
        return image[:, 1:] + image[:, :-1]


class Count(Exercise):
    """How many numbers are learned? Return `(conv, dense)`.

    `conv` for `nn.Conv2d(inputs, outputs, kernel)`; `dense` for a linear layer with the same job:
    from `inputs` pictures of `size` × `size` to `outputs` such pictures. Both have biases.
    """

    name = "ch4.count"
    hints = (
        "One output channel of the convolution: what does its kernel look at? Now all of them.",
        "A kernel reaches through all input channels. A dense output is connected to every pixel.",
        "conv: `outputs * (inputs * kernel**2 + 1)`. dense: with P = size², "
        "`outputs * P * (inputs * P + 1)`.",
    )
    after = "The dense layer knows nothing of neighbours, and pays for it a thousand times over."

    @staticmethod
    def starter(inputs, outputs, kernel, size):
        ...

    @staticmethod
    def solution(inputs, outputs, kernel, size):
        pixels = size**2
        return outputs * (inputs * kernel**2 + 1), outputs * pixels * (inputs * pixels + 1)

    @staticmethod
    def case(draw):
        return [draw.count(2, 8), draw.count(2, 16), draw.count(2, 5), draw.count(5, 28)]

    @staticmethod
    @mistake("the biases are missing",
             "One for each output channel; and one for each dense output.")
    def no_bias(inputs, outputs, kernel, size):
        return outputs * inputs * kernel**2, outputs * inputs * size**4

    @staticmethod
    @mistake("your kernels look at one channel only",
             "A kernel has a slice for each input channel: inputs × kernel × kernel.")
    def flat_kernel(inputs, outputs, kernel, size):
        return outputs * (kernel**2 + 1), Count.solution(inputs, outputs, kernel, size)[1]

    @staticmethod
    @mistake("your convolution has a bias for every pixel",
             "Weights **and** bias are shared over all places: one bias a channel.")
    def bias_everywhere(inputs, outputs, kernel, size):
        return (outputs * (inputs * kernel**2 + size**2),
                Count.solution(inputs, outputs, kernel, size)[1])

    @staticmethod
    @mistake("your dense layer has one output a channel, not a whole picture",
             "It shall give `outputs` pictures: outputs × size × size numbers come out.")
    def small_dense(inputs, outputs, kernel, size):
        conv, _ = Count.solution(inputs, outputs, kernel, size)
        return conv, outputs * (inputs * size**2 + 1)


class ToBatch(Exercise):
    """Pictures come as (n, h, w, 3) with whole numbers from 0 to 255. `Conv2d` wants (n, 3, h, w).

    Return floats from 0 to 1 in that order.
    """

    name = "ch4.to_batch"
    hints = (
        "The numbers of a pixel must stay together. Which method gives dimensions a new order?",
        "`permute` names, for each place of the result, the dimension that goes there.",
        "`pictures.permute(0, 3, 1, 2) / 255`",
    )
    after = "`torchvision`'s `ToTensor` does this to every picture that it sees."

    @staticmethod
    def starter(pictures):
        ...

    @staticmethod
    def solution(pictures):
        return pictures.permute(0, 3, 1, 2) / 255

    @staticmethod
    def case(draw):
        n = draw.count(1, 2)
        side = draw.count(2, 4)
        wide = side if draw.chance(0.6) else draw.count(2, 4)
        return [draw.ints(0, 255, n, side, wide, 3)]

    @staticmethod
    @mistake("you cut the numbers up anew: colours and pixels are mixed",
             "`reshape` keeps the order in memory and changes only the borders. Dimensions must "
             "change **places**.")
    def reshaped(pictures):
        n, h, w, c = pictures.shape
        return pictures.reshape(n, c, h, w) / 255

    @staticmethod
    @mistake("your pictures lie on their side", "Height comes before width: h, then w.")
    def turned(pictures):
        return pictures.permute(0, 3, 2, 1) / 255

    @staticmethod
    @mistake("the numbers still go up to 255", "White is 255, and shall become 1: divide.")
    def unscaled(pictures):
        return pictures.permute(0, 3, 1, 2).float()

    @staticmethod
    @mistake("the numbers are right, but the three colours still come last",
             "`Conv2d` wants them behind n: `permute` gives dimensions a new order.")
    def last(pictures):
        return pictures / 255


class Prune(Exercise):
    """Set the least important weights to 0: the `share` of them with the smallest **magnitude**.

    `weight` has any shape; of its N numbers, `round(share * N)` become 0. Return a new tensor.
    """

    name = "ch4.prune"
    hints = (
        "Is −5 small? For a network it is as loud as 5.",
        "Sort the magnitudes of all weights. Which is the last that has to go?",
        "`weight.abs().flatten().argsort()[:count]` are the places; write 0 into a flat copy "
        "there.",
    )
    after = "Half of them gone, and the accuracy? The chapter draws the curve."

    @staticmethod
    def starter(weight, share):
        ...

    @staticmethod
    def solution(weight, share):
        flat = weight.flatten().clone()
        flat[flat.abs().argsort()[:round(share * flat.numel())]] = 0
        return flat.reshape(weight.shape)

    @staticmethod
    def case(draw):
        n, k = draw.count(2), draw.count(2)
        values = [(i + 1) / 2 * draw.pick([1, -1]) for i in range(n * k)]
        draw.random.shuffle(values)
        weight = torch.tensor(values, dtype=torch.float64).reshape(n, k)
        return [weight, draw.pick([0.25, 0.5, 0.75])]

    @staticmethod
    def edges():
        four = torch.tensor([[3.0, -1.0], [2.0, -4.0]], dtype=torch.float64)
        six = torch.tensor([[5.0, -2.0, 6.0], [1.0, -4.0, 3.0]], dtype=torch.float64)
        return [[four, 0.0], [six, 0.3], [six, 0.2]]  # 1.8 are 2 numbers, and 1.2 are 1

    @staticmethod
    @mistake("you took the smallest numbers, so all large negative ones went first",
             "Compare magnitudes: `abs`.")
    def signed(weight, share):
        flat = weight.flatten().clone()
        flat[flat.argsort()[:round(share * flat.numel())]] = 0
        return flat.reshape(weight.shape)

    @staticmethod
    @mistake("you removed the largest and kept the smallest", "`argsort` begins with the smallest.")
    def largest(weight, share):
        flat = weight.flatten().clone()
        order = flat.abs().argsort(descending=True)
        flat[order[:round(share * flat.numel())]] = 0
        return flat.reshape(weight.shape)

    @staticmethod
    @mistake("you pruned each row by itself",
             "All weights stand in one line: a strong row may keep everything.")
    def by_row(weight, share):
        rows = [Prune.solution(row, share) for row in weight]
        return torch.stack(rows)

    @staticmethod
    @mistake("that keeps the share which should go", "`share` says how much becomes 0.")
    def kept(weight, share):
        return Prune.solution(weight, 1 - share)
