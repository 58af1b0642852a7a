"""The transforms as functions: each takes a PIL picture or a tensor (..., C, H, W), and gives one.

A PIL picture stays one and a tensor stays one, except where the name says otherwise.
"""

from .color import adjust_brightness as adjust_brightness
from .color import adjust_contrast as adjust_contrast
from .color import adjust_gamma as adjust_gamma
from .color import adjust_hue as adjust_hue
from .color import adjust_saturation as adjust_saturation
from .color import adjust_sharpness as adjust_sharpness
from .color import autocontrast as autocontrast
from .color import equalize as equalize
from .color import gaussian_blur as gaussian_blur
from .color import invert as invert
from .color import posterize as posterize
from .color import rgb_to_grayscale as rgb_to_grayscale
from .color import solarize as solarize
from .color import to_grayscale as to_grayscale
from .color import to_tensor_to_pil as to_tensor_to_pil
from .convert import bytes_to_fractions as bytes_to_fractions
from .convert import convert_image_dtype as convert_image_dtype
from .convert import normalize as normalize
from .convert import pil_to_tensor as pil_to_tensor
from .convert import to_array as to_array
from .convert import to_pil_image as to_pil_image
from .convert import to_tensor as to_tensor
from .geometry import affine as affine
from .geometry import center_crop as center_crop
from .geometry import crop as crop
from .geometry import erase as erase
from .geometry import five_crop as five_crop
from .geometry import hflip as hflip
from .geometry import pad as pad
from .geometry import resize as resize
from .geometry import resized_crop as resized_crop
from .geometry import rotate as rotate
from .geometry import ten_crop as ten_crop
from .geometry import vflip as vflip
from .picture import PIL_MODES as PIL_MODES
from .picture import InterpolationMode as InterpolationMode
from .picture import get_dimensions as get_dimensions
from .picture import get_image_size as get_image_size
from .picture import is_tensor as is_tensor
from .picture import mode_name as mode_name
from .picture import two as two
