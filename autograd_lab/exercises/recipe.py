"""A function as part of a case: it prints as the code that it is."""


class Recipe:
    """A function of one tensor, which prints as its text.

    >>> Recipe("x.T", lambda x: x.T)
    x.T
    """

    def __init__(self, text: str, function):
        self.text, self.function = text, function

    def __call__(self, x):
        return self.function(x)

    def __repr__(self):
        return self.text

    def __deepcopy__(self, memo):
        return self
