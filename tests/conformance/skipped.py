"""Entries of PyTorch's test data that are not compared, or not in everything, and the reason."""

ORDER = "the order of complex eigenvalues is left to LAPACK"

SKIPPED = {
    "op as_strided.partial_views": "reads around its sample, in memory that does not cross over",
    "op linalg.eig": ORDER,
    "op linalg.eigvals": ORDER,
}

# Numbers drawn at random (our streams are not PyTorch's), and memory that nobody has written to:
# dtypes and shapes are compared, also of the gradients, but no values.
UNSURE = frozenset({
    "bernoulli", "empty", "empty_like", "empty_permuted", "empty_strided", "multinomial",
    "new_empty", "new_empty_strided", "nn.functional.alpha_dropout", "nn.functional.dropout",
    "nn.functional.dropout2d", "nn.functional.dropout3d",
    "nn.functional.feature_alpha_dropout.with_train", "nn.functional.fractional_max_pool2d",
    "nn.functional.fractional_max_pool3d", "nn.functional.multi_head_attention_forward",
    "nn.functional.rrelu", "normal", "normal.in_place", "normal.number_mean", "rand_like",
    "randint", "randint_like", "randn", "randn_like",
})  # fmt: skip
