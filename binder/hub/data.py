"""Fetch once for all what the lab fetches on demand: see README.md beside this file.

Everything goes into the folder that AUTOGRAD_LAB_DATA names; what is there already stays.
"""

from autograd_lab.text.datasets import UDPOS
from autograd_lab.vision.datasets import CIFAR10, MNIST

MNIST(download=True)
CIFAR10(download=True)
UDPOS()
