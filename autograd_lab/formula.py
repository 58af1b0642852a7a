"""Write a LaTeX formula in plain Unicode: no TeX engine in the kernel, the page or a saved file."""

import re
import unicodedata

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)

_SIGNS = (
    "odot:⊙ otimes:⊗ oplus:⊕ cdot:· times:× div:÷ pm:± mp:∓ ast:∗ star:⋆ circ:∘ sum:∑ "
    "prod:∏ int:∫ partial:∂ nabla:∇ infty:∞ le:≤ leq:≤ ge:≥ geq:≥ ne:≠ neq:≠ approx:≈ "
    "equiv:≡ sim:∼ propto:∝ in:∈ notin:∉ subset:⊂ cup:∪ cap:∩ to:→ rightarrow:→ "
    "leftarrow:← Rightarrow:⇒ mapsto:↦ ldots:… dots:… cdots:⋯ top:ᵀ mid:| Vert:‖ lVert:‖ "
    "rVert:‖ vert:| lvert:| rvert:| langle:⟨ rangle:⟩ lfloor:⌊ rfloor:⌋ lceil:⌈ rceil:⌉ "
    "lnot:¬ bigvee:⋁ bigwedge:⋀ "
    "ell:ℓ prime:′ forall:∀ exists:∃ land:∧ lor:∨ neg:¬ colon:\u2236 alpha:α beta:β "
    "gamma:γ delta:δ epsilon:ε varepsilon:ε zeta:ζ eta:η theta:θ vartheta:ϑ iota:ι "
    "kappa:κ lambda:λ mu:μ nu:ν xi:ξ pi:π rho:ρ sigma:σ tau:τ upsilon:υ phi:φ varphi:φ "
    "chi:χ psi:ψ omega:ω Gamma:Γ Delta:Δ Theta:Θ Lambda:Λ Xi:Ξ Pi:Π Sigma:Σ Phi:Φ Psi:Ψ "
    "Omega:Ω quad:\u2003 qquad:\u2003"
)
SIGNS = {name: sign for name, _, sign in (pair.partition(":") for pair in _SIGNS.split(" "))}
ACCENTS = {"bar": "̄", "overline": "̄", "hat": "̂", "widehat": "̂", "tilde": "̃", "widetilde": "̃"}
ACCENTS |= {"dot": "̇", "ddot": "̈", "vec": "⃗", "underline": "̲"}
SILENT = {"left", "right", "big", "Big", "bigl", "bigr", "displaystyle", "limits", "!", "bigg"}
WRAPPERS = {"mathbf", "mathrm", "mathit", "mathsf", "mathcal", "mathbb", "boldsymbol", "bm"}
WRAPPERS |= {"operatorname", "mathtt", "mathbin", "mathrel", "mathop"}
TEXT = {"text", "textbf", "textit", "textrm", "texttt"}
RAISED = dict(
    zip(
        "0123456789+-−=()abcdefghijklmnoprstuvwxyzTᵀ′*",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀᵀ′*",
        strict=True,
    )
)
LOWERED = dict(
    zip("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)
TIGHT = {*"()′.‖√^_", *RAISED.values(), *LOWERED.values()}  # what needs no brackets in a fraction
HALVES = {"1/2": "½", "1/3": "⅓", "1/4": "¼", "1/6": "⅙"}
FACTOR = re.compile(r"[A-Za-z(\[]|\\(?!sum|prod|int|quad|qquad|in\b|text|end|right|\\|[lg]eq?\b)")


def plain(latex: str) -> str:
    r"""Write ``latex`` in Unicode, on one line.

    >>> plain(r"\bar x = \bar y \odot (1 - y^2),\quad \bar W = X^\top \bar Y")
    'x̄ = ȳ ⊙ (1 − y²),\u2003W̄ = Xᵀ Ȳ'
    >>> plain(r"y = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}},\quad x_{ij}^{-1}")
    'y = (x − μ)/√(σ² + ε),\u2003xᵢⱼ⁻¹'
    """
    text = re.sub(r"(?<=[(\[])\s+|\s+(?=[)\]])", "", _Reader(latex).read_all())
    text = re.sub(r" *\u2003[ \u2003]*", "\u2003", re.sub(r"[ \t\n]+", " ", text))
    return unicodedata.normalize("NFC", text.replace("-", "−")).strip()


class _Reader:
    """Read tokens one after another; whatever is unknown is written as it stands."""

    def __init__(self, latex):
        self.tokens: list[str] = TOKEN.findall(str(latex)[:2000])
        self.at = 0

    def read_all(self, end=None, depth=0) -> str:
        out = []
        while self.at < len(self.tokens):
            if self.tokens[self.at] == end:
                self.at += 1
                break
            out.append(self._one(depth))
        return "".join(out)

    def _argument(self, depth) -> str:
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self._one(depth + 1) if self.at < len(self.tokens) else ""

    def _one(self, depth) -> str:
        token = self.tokens[self.at]
        self.at += 1
        if depth > 40:  # nested by a joker: stop being clever
            return token
        if token == "{":
            return self.read_all("}", depth + 1)
        if token in "^_" and len(token) == 1:
            table, mark = (RAISED, "^") if token == "^" else (LOWERED, "_")
            return _shifted(self._argument(depth), table, mark)
        if token.startswith("\\") and len(token) > 1:
            return self._command(token[1:], depth)
        return {"}": "", "&": " if ", "$": "", "~": " ", "'": "′"}.get(token, token)

    def _command(self, name: str, depth: int) -> str:
        if name in SIGNS:
            return str(SIGNS[name])
        if name in ACCENTS:
            return "".join(
                c + ACCENTS[name] if c.isalnum() else c for c in self._argument(depth)
            )
        if name in ("frac", "tfrac", "dfrac"):
            return self._fraction(depth)
        if name == "sqrt":
            return "√" + _grouped(self._argument(depth))
        if name in WRAPPERS:
            return self._argument(depth)
        if name in TEXT:
            return self._argument(depth).replace("-", "\u2011")  # a hyphen, not a minus
        if name in ("begin", "end"):
            self._argument(depth)
            return "{" if name == "begin" else "}"
        if name in SILENT:
            return ""
        known = {"bmod": " mod ", "\\": "; ", ",": " ", ";": " ", ":": " ", " ": " ", "|": "‖"}
        return known.get(name, name)


    def _fraction(self, depth):
        """Write a fraction; in front of a factor it gets brackets: (1/n) y, not 1/n y."""
        text = f"{_grouped(self._argument(depth))}/{_grouped(self._argument(depth))}"
        thin = {"\\,", "\\;", "\\!", "\\left", "\\big"}
        rest = next((t for t in self.tokens[self.at :] if not (t.isspace() or t in thin)), "")
        brackets = FACTOR.match(rest) and text not in HALVES
        return f"({text})" if brackets else HALVES.get(text, text)


def _shifted(text, table, mark):
    packed = text.replace(" ", "")
    if all(c in table for c in packed):
        return "".join(table[c] for c in packed)
    return mark + (text if len(text) == 1 else f"({text})")


def _grouped(text):
    """Add brackets unless nothing but brackets and letters would touch the bar or the root."""
    depth, loose = 0, False
    for c in text:
        depth += (c == "(") - (c == ")")
        loose |= depth == 0 and not (c.isalnum() or unicodedata.combining(c) or c in TIGHT)
    return f"({text})" if loose else text
