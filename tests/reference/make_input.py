"""Deterministic small survey: 12 districts (6 pilot) x 2 waves x 2 strata x 3 PSU x 6 respondents = 864 rows."""

import csv
import math

state = 20261123


def u():
    global state
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    return ((state >> 11) + 0.5) / 2**53


def z():
    return math.sqrt(-2 * math.log(u())) * math.cos(2 * math.pi * u())


rows = []
for d in range(1, 13):
    a = 0.35 * z()
    sl = 0.20 * z()
    treat = int(d <= 6)
    for wave in (1, 2):
        for s in ("urb", "per"):
            for k in range(1, 4):
                b = 0.30 * z()
                for i in range(6):
                    female = int(u() < 0.53)
                    age = 18 + int(52 * u())
                    w = round((1.6 if s == "urb" else 0.7) * (0.6 + 0.1 * d) * (0.7 + 0.6 * u()) * 100, 3)
                    lp = (
                        -0.6
                        + a
                        + (sl + 0.15) * (wave == 2)
                        - 0.45 * treat * (wave == 2)
                        + b
                        - 0.01 * (age - 40)
                        + 0.2 * (s == "urb")
                    )
                    vict = int(u() < 1 / (1 + math.exp(-lp)))
                    trust = round(2.4 + 0.3 * a + 0.25 * treat * (wave == 2) + 0.15 * b + 0.7 * z() - 0.3 * vict, 3)
                    rep = int(u() < 0.30 + 0.10 * treat * (wave == 2)) if vict else ""
                    rows.append(
                        [
                            f"D{d:02d}",
                            treat,
                            wave,
                            int(wave == 2),
                            f"D{d:02d}-{s}",
                            f"D{d:02d}-w{wave}-{s}-{k}",
                            w,
                            female,
                            age,
                            vict,
                            trust,
                            rep,
                        ]
                    )
with open("input_survey.csv", "w", newline="") as f:
    c = csv.writer(f)
    c.writerow(["district", "treat", "wave", "post", "stratum", "psu", "weight", "female", "age", "victim", "trust", "reported"])
    c.writerows(rows)
print(len(rows))
