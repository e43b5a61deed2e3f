"""Numbers of the vector math, written by scripts/derive_coefficients.py: change that, not this."""

_ = float.fromhex

# (eʳ - 1 - r)/r², |r| ≤ ln(2)/2.
EXP = (
    _("0x1.000000000000bp-1"),
    _("0x1.5555555555561p-3"),
    _("0x1.5555555550040p-5"),
    _("0x1.111111110d4c8p-7"),
    _("0x1.6c16c185a5050p-10"),
    _("0x1.a01a01bb56f09p-13"),
    _("0x1.a0199697a8ab4p-16"),
    _("0x1.71dddedaa2821p-19"),
    _("0x1.28b046efa803cp-22"),
    _("0x1.af86e986a05e7p-26"),
)

# (eʳ - 1 - r - r²/2)/r³.
EXP_TAIL = (
    _("0x1.555555555555bp-3"),
    _("0x1.555555555555ap-5"),
    _("0x1.111111110ebfap-7"),
    _("0x1.6c16c16c141d9p-10"),
    _("0x1.a01a01b3a50a5p-13"),
    _("0x1.a01a01b1d413bp-16"),
    _("0x1.71ddefc2056c9p-19"),
    _("0x1.27e4c317abc0cp-22"),
    _("0x1.af6c877a581b2p-26"),
    _("0x1.1f993f43d6268p-29"),
)

# the same for float32.
EXP_SINGLE = (
    _("0x1.000000538d89fp-1"),
    _("0x1.55548eed3be2dp-3"),
    _("0x1.55545b0decb30p-5"),
    _("0x1.123b559c5467bp-7"),
    _("0x1.6db629986aec0p-10"),
)

# the same for float32, relative to r.
EXPM1_SINGLE = (
    _("0x1.00000027dcf71p-1"),
    _("0x1.5555558944247p-3"),
    _("0x1.5554add48172fp-5"),
    _("0x1.11108f4b9e67cp-7"),
    _("0x1.6d748659b7896p-10"),
    _("0x1.a1a1c429aafc5p-13"),
)

# (2ʳ - 1 - r ln 2)/r², |r| ≤ 1/2.
EXP2 = (
    _("0x1.ebfbdff82c5a5p-3"),
    _("0x1.c6b08d704a0d0p-5"),
    _("0x1.3b2ab6fb9fff8p-7"),
    _("0x1.5d87fe78a1a16p-10"),
    _("0x1.4309130f1591dp-13"),
    _("0x1.ffcbfc7a067a8p-17"),
    _("0x1.62bfc70340c9cp-20"),
    _("0x1.b524d125df69bp-24"),
    _("0x1.e61c572d676e8p-28"),
    _("0x1.ea14b6f519048p-32"),
)

# the same for float32.
EXP2_SINGLE = (
    _("0x1.ebfbe098a6736p-3"),
    _("0x1.c6af853f4bb55p-5"),
    _("0x1.3b29cffb8d0dbp-7"),
    _("0x1.5f05b4e9c8460p-10"),
    _("0x1.44799142d08a4p-13"),
)

# (sinh x - x)/x³ in x², |x| ≤ ln(2)/2.
SINH = (
    _("0x1.5555555555559p-3"),
    _("0x1.111111110f6aep-7"),
    _("0x1.a01a01afe580ap-13"),
    _("0x1.71ddf8526868ap-19"),
    _("0x1.af5ec17ddf8dep-26"),
)

# (cosh x - 1)/x² in x², |x| ≤ ln(2)/2.
COSH = (
    _("0x1.0000000000000p-1"),
    _("0x1.555555555555cp-5"),
    _("0x1.6c16c16c13f21p-10"),
    _("0x1.a01a01b180b58p-16"),
    _("0x1.27e4c4fe7c630p-22"),
    _("0x1.1f954a28db097p-29"),
)

# (sinh x - x)/x³ in x² for float32.
SINH_SINGLE = (
    _("0x1.5554af51b96e0p-3"),
    _("0x1.122801b1e739bp-7"),
)

# (cosh x - 1)/x² in x² for float32.
COSH_SINGLE = (
    _("0x1.00000043f378fp-1"),
    _("0x1.55547ed9bc728p-5"),
    _("0x1.6d97888b6bfb3p-10"),
)

# (2 artanh s - 2 s)/s³ in s², s ≤ (√2 - 1)/(√2 + 1).
LOG = (
    _("0x1.5555555555592p-1"),
    _("0x1.999999997fd71p-2"),
    _("0x1.24924941f5f68p-2"),
    _("0x1.c71c5204f5407p-3"),
    _("0x1.74663fe36a1fcp-3"),
    _("0x1.39a19fcc9c66fp-3"),
    _("0x1.2f0680b8ba8c2p-3"),
)

# the same for a power in float32.
LOG_FOR_SINGLE_POWER = (
    _("0x1.555555561e397p-1"),
    _("0x1.999996a957accp-2"),
    _("0x1.249411ebe0eaap-2"),
    _("0x1.c62b14a3c391ep-3"),
    _("0x1.9115973c124b1p-3"),
)

# the same for float32.
LOG_SINGLE = (
    _("0x1.55557a25d9e71p-1"),
    _("0x1.995eb97dc6eb7p-2"),
    _("0x1.31e30f438e419p-2"),
)

# (2 artanh s - 2 s - 2 s³/3 - 2 s⁵/5)/s⁷ in s².
LOG_TAIL = (
    _("0x1.24924924927cdp-2"),
    _("0x1.c71c71c65a127p-3"),
    _("0x1.745d17d7601b9p-3"),
    _("0x1.3b137834cf148p-3"),
    _("0x1.111dce569ce4dp-3"),
    _("0x1.de9e87a4ed4bcp-4"),
    _("0x1.e7dfbe21cc4dap-4"),
)

# (sin x - x)/x³ in x², |x| ≤ π/4.
SIN = (
    _("-0x1.5555555555549p-3"),
    _("0x1.111111110f87ap-7"),
    _("-0x1.a01a019c118e4p-13"),
    _("0x1.71de3577a6c0bp-19"),
    _("-0x1.ae5e662b44ba5p-26"),
    _("0x1.5d92fc01b5adep-33"),
)

# the same for float32.
SIN_SINGLE = (
    _("-0x1.5555459884fb8p-3"),
    _("0x1.11075fd924a4ap-7"),
    _("-0x1.994e7e904c39bp-13"),
)

# (cos x - 1 + x²/2)/x⁴ in x², |x| ≤ π/4.
COS = (
    _("0x1.555555555554cp-5"),
    _("-0x1.6c16c16c1517fp-10"),
    _("0x1.a01a019cb1d71p-16"),
    _("-0x1.27e4f80a02ed0p-22"),
    _("0x1.1ee9ebf5ad3b6p-29"),
    _("-0x1.8faea2f5f9daap-37"),
)

# the same for float32.
COS_SINGLE = (
    _("0x1.55554ab401e4fp-5"),
    _("-0x1.6c0c8bab04ddfp-10"),
    _("0x1.9a024d593e397p-16"),
)

# (arctan t - t)/t³ in t², t ≤ √2 - 1.
ARCTAN = (
    _("-0x1.5555555555555p-2"),
    _("0x1.9999999999998p-3"),
    _("-0x1.249249249231cp-3"),
    _("0x1.c71c71c70b24ep-4"),
    _("-0x1.745d174204272p-4"),
    _("0x1.3b13b0b065971p-4"),
    _("-0x1.1111038dddee0p-4"),
    _("0x1.e1e00594141f8p-5"),
    _("-0x1.af10d11909c0dp-5"),
    _("0x1.853f3c1af568ep-5"),
    _("-0x1.5e88830ae316ap-5"),
    _("0x1.2cf446261b6d7p-5"),
    _("-0x1.af59998759008p-6"),
    _("0x1.6d8646e697bbcp-7"),
)

# the same for float32.
ARCTAN_SINGLE = (
    _("-0x1.555554c89390ap-2"),
    _("0x1.99991a471983bp-3"),
    _("-0x1.247f06763e6c0p-3"),
    _("0x1.c4680240e3e7ep-4"),
    _("-0x1.5b456e4a0ed8ep-4"),
    _("0x1.84f5d8928e906p-5"),
)

# (arcsin t - t)/t³ in t², t ≤ 1/2.
ARCSIN = (
    _("0x1.5555555555578p-3"),
    _("0x1.333333332df8bp-4"),
    _("0x1.6db6db7225910p-5"),
    _("0x1.f1c71a8dea342p-6"),
    _("0x1.6e8bdfa2a52b8p-6"),
    _("0x1.1c49e2f955df2p-6"),
    _("0x1.ca20c8ac5197ap-7"),
    _("0x1.757ba39eb53fcp-7"),
    _("0x1.6173156cd301ep-7"),
    _("0x1.e2cb2ce0dfb08p-9"),
    _("0x1.648ef876b608dp-6"),
    _("-0x1.594f6890ac71ep-6"),
    _("0x1.0baed5bad93ffp-5"),
)

# the same for float32.
ARCSIN_SINGLE = (
    _("0x1.55554c37609f4p-3"),
    _("0x1.33388e650688bp-4"),
    _("0x1.6cac45aa51a77p-5"),
    _("0x1.04a60edf8ce94p-5"),
    _("0x1.d7f60ea579572p-7"),
    _("0x1.33ba9a8e0895bp-5"),
)

# m to the power -1/3, 1 ≤ m ≤ 8.
INVERSE_CBRT = (
    _("0x1.a612788739c8ep+0"),
    _("-0x1.27beb70e66151p+0"),
    _("0x1.8131dc227486cp-1"),
    _("-0x1.4765eb8331bdcp-2"),
    _("0x1.6618b0764ea0bp-4"),
    _("-0x1.f2f35342816e5p-7"),
    _("0x1.aad39cc00ed8fp-10"),
    _("-0x1.97e4b186d3259p-14"),
    _("0x1.4cf047a639c0ep-19"),
)

# ln 2; the first piece times an exponent is exact.
LN2 = (
    _("0x1.62e42fefa4000p-1"),
    _("-0x1.8432a1b0e2634p-43"),
)

# 1/ln 2.
INVERSE_LN2 = (
    _("0x1.71547652b82fep+0"),
    _("0x1.777d0ffda0d24p-56"),
)

# 1/ln 10.
INVERSE_LN10 = (
    _("0x1.bcb7b1526e50ep-2"),
    _("0x1.95355baaafad3p-57"),
)

# log₁₀ 2; the first piece times an exponent is exact.
LOG10_2 = (
    _("0x1.34413509f8000p-2"),
    _("-0x1.80433b83b532ap-44"),
)

# ln 2, the first piece rounded to nearest.
FULL_LN2 = (
    _("0x1.62e42fefa39efp-1"),
    _("0x1.abc9e3b39803fp-56"),
)

# 2/3.
TWO_THIRDS = (
    _("0x1.5555555555555p-1"),
    _("0x1.5555555555555p-55"),
)

# π/2 in three pieces; the second times a number of 22 bits is exact.
HALF_PI = (
    _("0x1.921fb54442d18p+0"),
    _("0x1.1a62633000000p-54"),
    _("0x1.45c06e0e68948p-86"),
)

# π/2, the first piece rounded to nearest.
FULL_HALF_PI = (
    _("0x1.921fb54442d18p+0"),
    _("0x1.1a62633145c07p-54"),
)

# π/4.
QUARTER_PI = (
    _("0x1.921fb54442d18p-1"),
    _("0x1.1a62633145c07p-55"),
)

# 3π/4.
THREE_QUARTERS_PI = (
    _("0x1.2d97c7f3321d2p+1"),
    _("0x1.a79394c9e8a0ap-54"),
)

# 2/π.
INVERSE_HALF_PI = (
    _("0x1.45f306dc9c883p-1"),
    _("-0x1.6b01ec5417056p-55"),
)
