"""Numbers of the vector math, written by scripts/derive_coefficients.py: change that, not this."""

_ = float.fromhex

# (erf x / x - the same at the centre)/w in w = x² - centre, |x| ≤ 1.
ERF = (
    _("-0x1.2a348fd6ed4fdp-2"),
    _("0x1.53a526ae7f3f3p-4"),
    _("-0x1.3a2f129ddfe9fp-6"),
    _("0x1.dfc3dd184f8e4p-9"),
    _("-0x1.360a2e59ec174p-11"),
    _("0x1.5a88f64e06e16p-14"),
    _("-0x1.54cc2d153e566p-17"),
    _("0x1.2b051fabef004p-20"),
    _("-0x1.d99708276b8c6p-24"),
    _("0x1.56845b67ecffap-27"),
    _("-0x1.acdff90b8df4cp-31"),
)

# (log erfc x - log erfc 1)/u in u = x - 1, 1 ≤ x ≤ 6, where erfc counts beside 1.
LOG_ERFC = (
    _("-0x1.51c9b0006c226p+1"),
    _("-0x1.afabc11a2a97ap-1"),
    _("-0x1.5477f09a19e57p-5"),
    _("0x1.48c9d38d126c7p-7"),
    _("-0x1.033f5b2e1fbbdp-9"),
    _("0x1.f1b088e37e850p-13"),
    _("0x1.b929186f64b30p-16"),
    _("-0x1.c84a6146183dep-16"),
    _("0x1.446f615855e36p-17"),
    _("-0x1.1dd60e97d5337p-19"),
    _("0x1.b4701cc5b664ap-23"),
    _("0x1.f92bad13df633p-25"),
    _("-0x1.2154c831d54f4p-25"),
    _("0x1.2744150801b58p-27"),
    _("-0x1.6e13ec77118b1p-30"),
    _("0x1.093869e01fb7cp-33"),
    _("-0x1.5a7263d8c2933p-38"),
)

# (log erfc x / x + 2/√π)/x, x ≤ 4, where erfc counts beside erf.
LOG_ERFC_SINGLE = (
    _("-0x1.45f30856bd802p-1"),
    _("-0x1.a4f3b174f59eep-4"),
    _("0x1.393cf9d476190p-6"),
    _("0x1.074b70820a208p-12"),
    _("-0x1.d703d4d600017p-10"),
    _("0x1.834cb33408f6ep-11"),
    _("-0x1.5d6979d0624f3p-13"),
    _("0x1.62dcc559bc186p-16"),
    _("-0x1.3b196a6da6cf2p-20"),
)

# (((1 + a x) erfcx x - 1)/(1 + t) - tilt)/(1 - t) in t = (x - 4)/(x + 4), x ≥ 0.
ERFCX = (
    _("0x1.25b7521d95c1bp-5"),
    _("-0x1.7b64642c5db7dp-4"),
    _("0x1.a212c3303ae61p-4"),
    _("-0x1.5265e3cbf0fc4p-4"),
    _("0x1.b684e6d5c4f75p-5"),
    _("-0x1.cc4ae58a4089bp-6"),
    _("0x1.7c57e865bd86bp-7"),
    _("-0x1.c17ed8d993bb5p-9"),
    _("0x1.f0f221f5afe5dp-12"),
    _("0x1.2fb433b2b4b0cp-13"),
    _("-0x1.a2c8b882e2edep-14"),
    _("0x1.fb5c39b4034c9p-17"),
    _("0x1.f60e406f224b8p-18"),
    _("-0x1.ea7e0ed67db39p-19"),
    _("-0x1.aa91c402ff3e6p-23"),
    _("0x1.19ef71a4ede12p-21"),
    _("-0x1.b2fa7cd0cd441p-25"),
    _("-0x1.298187f388baap-24"),
    _("0x1.d89f1c1ff182fp-27"),
    _("0x1.3cfe23d96e642p-27"),
    _("-0x1.31b4ecf13f9dcp-29"),
    _("-0x1.3c487cf9c568ep-30"),
    _("0x1.bdd6c6d83edb2p-33"),
    _("0x1.9b3cfa3d58964p-34"),
)

# the same for float32 in t = (x - 3)/(x + 3).
ERFCX_SINGLE = (
    _("0x1.f6b1ef9858b47p-5"),
    _("-0x1.b3e1a7e2bec86p-4"),
    _("0x1.64bc1067abc1ep-4"),
    _("-0x1.7eaaff56efa90p-5"),
    _("0x1.fdad328bc312cp-7"),
    _("-0x1.9c30434ab5090p-10"),
    _("-0x1.3ba33118d8b36p-10"),
    _("0x1.f489d88c36133p-12"),
    _("0x1.e827a08867167p-15"),
    _("-0x1.ce1f38181ffaap-15"),
)

# (r(v) - r(0))/v for r = log Γ(x)/((x - 1)(x - 2)), v = x - 2, 1 ≤ x ≤ 3.
GAMMALN = (
    _("-0x1.9ae6509ea109ep-4"),
    _("0x1.0e0c9df29351fp-5"),
    _("-0x1.95ce223a9d1dbp-7"),
    _("0x1.47974853ad144p-8"),
    _("-0x1.145121f95bc4ep-9"),
    _("0x1.dfebcf8bcc442p-11"),
    _("-0x1.a96a4038e35efp-12"),
    _("0x1.7ed7344bc92c1p-13"),
    _("-0x1.5c86af75f1851p-14"),
    _("0x1.402efaa0f07d2p-15"),
    _("-0x1.285110f356bacp-16"),
    _("0x1.13e60f213ed72p-17"),
    _("-0x1.0222f8f9e844dp-18"),
    _("0x1.e51d9960636dfp-20"),
    _("-0x1.cb4162a690519p-21"),
    _("0x1.b42bdc5525f0fp-22"),
    _("-0x1.8fe8542fdd94ep-23"),
    _("0x1.72bff79d21bc5p-24"),
    _("-0x1.be12162a26484p-25"),
    _("0x1.dac5eff722020p-26"),
    _("-0x1.e2325005e9a64p-31"),
    _("-0x1.0816ad5699b49p-29"),
    _("-0x1.31e29ec9b16e2p-27"),
    _("0x1.7e3cdc9b1b0f6p-28"),
    _("0x1.5135bf1c5a814p-29"),
    _("-0x1.b61dd1f7a84e7p-30"),
    _("-0x1.c10069838ef5ep-31"),
    _("0x1.f2ef070aa108bp-32"),
)

# the same for float32.
GAMMALN_SINGLE = (
    _("-0x1.9ae651699f56ap-4"),
    _("0x1.0e0c89c6600c7p-5"),
    _("-0x1.95cd2d9bbd21ap-7"),
    _("0x1.47a32a4a189d7p-8"),
    _("-0x1.1477c4bda0599p-9"),
    _("0x1.dd9ace7fab370p-11"),
    _("-0x1.a430ffaea5a63p-12"),
    _("0x1.9908c57c2b8e0p-13"),
    _("-0x1.89f25acae10cfp-14"),
    _("0x1.5de8431459b37p-16"),
    _("-0x1.6f907b0cb1483p-18"),
    _("0x1.40cf887653908p-16"),
    _("-0x1.57c42a974123dp-17"),
)

# (log Γ(x) - (x - ½) log x + x - log(2π)/2) x in 1/x², x ≥ 3.
GAMMALN_AFTER_STIRLING = (
    _("0x1.5555555555555p-4"),
    _("-0x1.6c16c16c1224ap-9"),
    _("0x1.a01a017f087c8p-11"),
    _("-0x1.381369de1b6adp-11"),
    _("0x1.b94944da9dbacp-11"),
    _("-0x1.f5b651f1ab379p-10"),
    _("0x1.9b390645f5f97p-8"),
    _("-0x1.aaef16b63227dp-6"),
    _("0x1.d22339716d0c4p-4"),
    _("-0x1.b13b1e3f999c5p-2"),
    _("0x1.13075e60fcc2ep+0"),
    _("-0x1.5227a2de8fa49p+0"),
)

# the same for float32.
GAMMALN_AFTER_STIRLING_SINGLE = (
    _("0x1.5555555372dd5p-4"),
    _("-0x1.6c1651a0b6ebbp-9"),
    _("0x1.9f945d0f8bb9ap-11"),
    _("-0x1.29b1b269dbd10p-11"),
    _("0x1.09fc4ef395247p-11"),
)

# (r(v) - r(0))/v for r = ψ(x) over x - its root, v = x - 2, 1 ≤ x ≤ 3.
DIGAMMA = (
    _("-0x1.0aff270ca07a7p-2"),
    _("0x1.be76b26db8078p-4"),
    _("-0x1.95ec0c3ba9327p-5"),
    _("0x1.802924f9a3c5fp-6"),
    _("-0x1.7389aa80b0145p-7"),
    _("0x1.6bdf5e1bd5392p-8"),
    _("-0x1.6714cfd71de06p-9"),
    _("0x1.64075fb0091e3p-10"),
    _("-0x1.620f08532c78cp-11"),
    _("0x1.60c6981bb3001p-12"),
    _("-0x1.5feeea3478231p-13"),
    _("0x1.5f6076f8824afp-14"),
    _("-0x1.5f0b69e2cb5f8p-15"),
    _("0x1.5ed92c4628ff1p-16"),
    _("-0x1.5e2d297b57bfep-17"),
    _("0x1.5d86e9faa2bc1p-18"),
    _("-0x1.6309b1240f1d2p-19"),
    _("0x1.67950fd59b79dp-20"),
    _("-0x1.3b5a6b4ca011fp-21"),
    _("0x1.1f61921ef5a5fp-22"),
    _("-0x1.0ec77feaf0587p-22"),
    _("0x1.4b78c2ff5860fp-23"),
    _("0x1.83e793a420674p-25"),
    _("-0x1.796af05ff10c7p-25"),
    _("-0x1.1ddc81d893a9bp-24"),
    _("0x1.79847a1d44d7dp-25"),
    _("0x1.61b7ee6d359adp-26"),
    _("-0x1.ce8ec7d7e6295p-27"),
    _("-0x1.7890194b2ea86p-28"),
    _("0x1.b2b4efd88a1c5p-29"),
)

# the same for float32.
DIGAMMA_SINGLE = (
    _("-0x1.0aff289984cd2p-2"),
    _("0x1.be76caecb78d3p-4"),
    _("-0x1.95ea11275be0dp-5"),
    _("0x1.8020d3c231942p-6"),
    _("-0x1.73e0a62460b1ap-7"),
    _("0x1.6cd80e1463355p-8"),
    _("-0x1.60b49f92e7c23p-9"),
    _("0x1.56344214675c0p-10"),
    _("-0x1.9dd0327fe1468p-11"),
    _("0x1.c9107ddaea95fp-12"),
    _("-0x1.009333e10adf4p-15"),
    _("-0x1.0e61f234e5725p-16"),
    _("-0x1.efddde9aeb56dp-14"),
    _("0x1.1dad939c976b5p-14"),
)

# (log x - 1/2x - ψ(x)) x² in 1/x², x ≥ 3.
DIGAMMA_AFTER_STIRLING = (
    _("0x1.5555555555551p-4"),
    _("-0x1.11111110fc321p-7"),
    _("0x1.041040b8ef6dap-8"),
    _("-0x1.1110dbc2a10a7p-8"),
    _("0x1.f0685662caeb1p-8"),
    _("-0x1.587a8a8a14a54p-6"),
    _("0x1.4af4f470ce63ap-4"),
    _("-0x1.8202b77166dddp-2"),
    _("0x1.c641f25b4d58dp+0"),
    _("-0x1.b967617d4d0f6p+2"),
    _("0x1.1fb0ae713726dp+4"),
    _("-0x1.67839bd24166cp+4"),
)

# the same for float32.
DIGAMMA_AFTER_STIRLING_SINGLE = (
    _("0x1.55555543191dfp-4"),
    _("-0x1.11100070290acp-7"),
    _("0x1.036bbe57cf237p-8"),
    _("-0x1.fe3613acd3ae6p-9"),
    _("0x1.0f57f2a9559cfp-8"),
)

# (ψ′(x) - 1/x - 1/2x²) x³ in 1/x², x ≥ 3.
TRIGAMMA_AFTER_STIRLING = (
    _("0x1.555555555554fp-3"),
    _("-0x1.11111110fc95cp-5"),
    _("0x1.8618612f24f2ep-6"),
    _("-0x1.1110ec94ce1e8p-5"),
    _("0x1.3645879758223p-4"),
    _("-0x1.02a67779fb63ep-2"),
    _("0x1.249308ba0b940p+0"),
    _("-0x1.955a77022d10cp+2"),
    _("0x1.2818fb7e6fa29p+5"),
    _("-0x1.81eed60c5f73dp+7"),
    _("0x1.7ff8e4d7d2d46p+9"),
    _("-0x1.ebfa908505bcfp+10"),
    _("0x1.2891f7744b3a6p+11"),
)

# (sin πr / r - π)/r² in r², |r| ≤ ½.
SIN_TURN = (
    _("-0x1.4abbce625be52p+2"),
    _("0x1.466bc6775aa8ep+1"),
    _("-0x1.32d2cce62839ep-1"),
    _("0x1.50783485816dap-4"),
    _("-0x1.e3074e11d40c8p-8"),
    _("0x1.e8f36d9135582p-12"),
    _("-0x1.6f7bb18d69bdfp-16"),
    _("0x1.9d610b154d281p-21"),
)

# (cos πr - 1)/r² in r², |r| ≤ ½.
COS_TURN = (
    _("-0x1.3bd3cc9be45dcp+2"),
    _("0x1.03c1f081b59c8p+2"),
    _("-0x1.55d3c7e3c115fp+0"),
    _("0x1.e1f50681cadd2p-3"),
    _("-0x1.a6d1efeb486c7p-6"),
    _("0x1.f9d25db435b1dp-10"),
    _("-0x1.b696d38216d51p-14"),
    _("0x1.168d4eb8e2982p-18"),
)

# (I₀(x) - 1)/z in z = (x/2)², x ≤ 10.
BESSEL_ZERO = (
    _("0x1.ffffffffffffep-1"),
    _("0x1.0000000000025p-2"),
    _("0x1.c71c71c71c11fp-6"),
    _("0x1.c71c71c723dd0p-10"),
    _("0x1.23456789580a4p-14"),
    _("0x1.02e85c0d3d955p-19"),
    _("0x1.522a439e2ecaep-25"),
    _("0x1.522a4883a3beep-31"),
    _("0x1.0b31077f1b6e8p-37"),
    _("0x1.5603d7cfb9099p-44"),
    _("0x1.69b365c0d4ec6p-51"),
    _("0x1.4241b58cef16fp-58"),
    _("0x1.e02825fc2de38p-66"),
    _("0x1.57b5536240010p-73"),
    _("0x1.dfa3ef473f4a5p-82"),
    _("0x1.5aa0b1e62a84ep-88"),
)

# the same for float32.
BESSEL_ZERO_SINGLE = (
    _("0x1.000000310af90p+0"),
    _("0x1.fffff91b0a832p-3"),
    _("0x1.c71cbf162f72ep-6"),
    _("0x1.c71959af5aa1cp-10"),
    _("0x1.23568e5a15a31p-14"),
    _("0x1.0277a86dc7290p-19"),
    _("0x1.55c4c37e0b2e0p-25"),
    _("0x1.3f6ad28bd3085p-31"),
    _("0x1.48b0e1a9a22dfp-37"),
    _("0x1.8e1d677a05928p-46"),
    _("0x1.afcec2ce3a7dep-50"),
)

# √x e⁻ˣ I₀(x) in 1/x - 1/20, x ≥ 10.
BESSEL_ZERO_FAR = (
    _("0x1.9b255fef2de3ap-2"),
    _("0x1.b180803eb9f86p-5"),
    _("0x1.105877645e5a7p-5"),
    _("0x1.51a4c9543e948p-5"),
    _("0x1.4a62439e56be1p-4"),
    _("0x1.cfe3d85625c46p-3"),
    _("0x1.becdd53bca97fp-1"),
    _("0x1.2398515950378p+2"),
    _("0x1.05ed1083a60fep+5"),
    _("0x1.44456a26b38d6p+8"),
    _("0x1.e1dce255376a7p+11"),
    _("0x1.e7a36af086393p+14"),
    _("-0x1.cb3dd4fcab55fp+18"),
    _("-0x1.315933b38455fp+24"),
    _("-0x1.1bed5da8be823p+27"),
    _("0x1.97529a9c5fa37p+31"),
    _("0x1.7d8324b9f5638p+35"),
    _("-0x1.40b5c3eaaa93fp+38"),
    _("-0x1.ac809aa5a7d34p+42"),
    _("0x1.1b347173cba5ap+44"),
    _("0x1.9c36129b1edebp+48"),
    _("-0x1.626665e24275cp+48"),
)

# the same for float32.
BESSEL_ZERO_FAR_SINGLE = (
    _("0x1.9b255feebe8b8p-2"),
    _("0x1.b18085baa4b00p-5"),
    _("0x1.1058fe6d38d66p-5"),
    _("0x1.5161b29fe3d6dp-5"),
    _("0x1.48aed95cf842ap-4"),
    _("0x1.00d354e67b449p-2"),
    _("0x1.18adde25ee615p+0"),
)

# (2 I₁(x)/x - 1)/z in z = (x/2)², x ≤ 10.
BESSEL_ONE = (
    _("0x1.fffffffffffffp-2"),
    _("0x1.5555555555568p-4"),
    _("0x1.c71c71c71c47fp-8"),
    _("0x1.6c16c16c19acbp-12"),
    _("0x1.845c8a0ca8b0ep-17"),
    _("0x1.27e4fb7aa4c4cp-22"),
    _("0x1.522a43bf20196p-28"),
    _("0x1.2c975b8c4b6e7p-34"),
    _("0x1.ab81ba081864dp-41"),
    _("0x1.f179145e95b47p-48"),
    _("0x1.e24b773771214p-55"),
    _("0x1.8c782dc025cdcp-62"),
    _("0x1.12fcd3621cd6cp-69"),
    _("0x1.6b66acaa585f4p-77"),
    _("0x1.f3cc294e671f5p-86"),
    _("0x1.3f247642968c5p-92"),
)

# the same for float32.
BESSEL_ONE_SINGLE = (
    _("0x1.00000012229a6p-1"),
    _("0x1.5555533552195p-4"),
    _("0x1.c71c9afe94d18p-8"),
    _("0x1.6c1549f612578p-12"),
    _("0x1.846b4de4f61f3p-17"),
    _("0x1.278b6d6bcce81p-22"),
    _("0x1.54d7bbf611dd2p-28"),
    _("0x1.1f6d67e7f542ap-34"),
    _("0x1.fdd4496e654a6p-41"),
    _("0x1.7360c07bf43d3p-49"),
    _("0x1.14d0673e4d966p-53"),
)

# √x e⁻ˣ I₁(x) in 1/x - 1/20, x ≥ 10.
BESSEL_ONE_FAR = (
    _("0x1.90bb5c37429aap-2"),
    _("-0x1.3ca86a6e10331p-3"),
    _("-0x1.b9b7aa78000d3p-5"),
    _("-0x1.cb8fe6825767dp-5"),
    _("-0x1.9c80c48ca9ae1p-4"),
    _("-0x1.12e96cb7eb624p-2"),
    _("-0x1.ff20d20adbe32p-1"),
    _("-0x1.44d0ea854b40ap+2"),
    _("-0x1.1d8f3e6a47c2ap+5"),
    _("-0x1.5bd13d4b659e1p+8"),
    _("-0x1.00961c3587c4fp+12"),
    _("-0x1.0882f475ca024p+15"),
    _("0x1.c8381e2d11489p+18"),
    _("0x1.3ccb4e9442a25p+24"),
    _("0x1.354433ec2b3bap+27"),
    _("-0x1.9a69425ddc09dp+31"),
    _("-0x1.930d8d88eea05p+35"),
    _("0x1.354cb18034cd1p+38"),
    _("0x1.c0247dcbbb9adp+42"),
    _("-0x1.f1151fc459f09p+43"),
    _("-0x1.acdffc8acd169p+48"),
    _("0x1.a807d9d079b67p+47"),
)

# the same for float32.
BESSEL_ONE_FAR_SINGLE = (
    _("0x1.90bb5c37bcc3dp-2"),
    _("-0x1.3ca86bf2f05d6p-3"),
    _("-0x1.b9b83e84d89b9p-5"),
    _("-0x1.cb4591f45d26ap-5"),
    _("-0x1.9aa3fc78bf90ep-4"),
    _("-0x1.2e7ebe0fca862p-2"),
    _("-0x1.3e27405c2f8a9p+0"),
)

# 2/√π.
TWO_OVER_ROOT_PI = (
    _("0x1.20dd750429b6dp+0"),
    _("0x1.1ae3a914fed80p-56"),
)

# log erfc 1.
LOG_ERFC_OF_ONE = (
    _("-0x1.d97fbf27aa2a1p+0"),
    _("-0x1.9b2f9379f1952p-57"),
)

# the centre for erf.
ERF_CENTRE = _("0x1.c000000000000p-2")

# erf x / x where x² is the centre.
ERF_AT_CENTRE = (
    _("0x1.f779b63a3ff4bp-1"),
    _("-0x1.877c453378104p-56"),
)

# a, for erfcx.
ERFCX_SLOPE = _("0x1.8000000000000p+0")

# a/√π, for erfcx.
ERFCX_END = (
    _("0x1.b14c2f863e924p-1"),
    _("-0x1.95eaa098206f0p-55"),
)

# half of what that is more than 1.
ERFCX_TILT = _("-0x1.3acf41e705b72p-4")

# π.
PI = _("0x1.921fb54442d18p+1")

# log π.
LOG_PI = _("0x1.250d048e7a1bdp+0")

# log(2π)/2.
HALF_LOG_TWO_PI = _("0x1.d67f1c864beb5p-1")

# r(0) for log Γ.
GAMMALN_OVER_ZEROS = (
    _("0x1.b0ee6072093cep-2"),
    _("0x1.6cb90701fbfabp-58"),
)

# r(0) for ψ.
DIGAMMA_OVER_ROOT = (
    _("0x1.9213d46736ba4p-1"),
    _("-0x1.c7a3234d5d7bbp-56"),
)

# the positive root of ψ.
DIGAMMA_ROOT = (
    _("0x1.762d86356be3fp+0"),
    _("0x1.b86a722197829p-54"),
)

# √½.
ROOT_HALF = (
    _("0x1.6a09e667f3bcdp-1"),
    _("-0x1.bdd3413b26456p-55"),
)
