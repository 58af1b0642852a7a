"""Samples of ops/special.py."""

from tests.ops.samples import S, f, i

SAMPLES = {
    "erf": [S(f(4, 5, low=-7.0, high=7.0)), S(f()), S(i(4))],
    "erfc": [S(f(4, 5, low=-7.0, high=7.0)), S(f()), S(i(4))],
    "erfinv": [S(f(4, 5, low=-0.99, high=0.99)), S(f(low=-0.9, high=0.9))],
    "erfcx": [S(f(4, 5, low=-5.0, high=9.0), torch="special.erfcx"),
              S(i(4), torch="special.erfcx")],
    "ndtr": [S(f(4, 5, low=-7.0, high=7.0), torch="special.ndtr"), S(i(4), torch="special.ndtr")],
    "log_ndtr": [S(f(4, 5, low=-6.0, high=7.0), torch="special.log_ndtr"),
                 S(i(4), torch="special.log_ndtr")],
    "ndtri": [S(f(4, 5, low=0.01, high=0.99), torch="special.ndtri")],
    "entr": [S(f(4, 5, low=0.01, high=5.0), torch="special.entr"), S(i(4), torch="special.entr")],
    "xlog1py": [S(f(4), f(4, low=-0.9), torch="special.xlog1py"),
                S(f(2, 3), f(3, low=-0.9), torch="special.xlog1py"),
                S(f(3), 0.5, torch="special.xlog1py"),
                S(2.0, f(3, low=-0.9), torch="special.xlog1py")],
}
