"""N-body as Static Python: double slots, double locals, the pairs by int64 index.

The same integration as nbody.py, operation by operation, so that the digits agree.

    nbody_static.py [STEPS]
"""
from __future__ import annotations

import __static__
from __static__ import CheckedList, box, clen, double, int64

import sys
from typing import Final, final

DAYS: Final[float] = 365.24
SOLAR_MASS: Final[float] = 4 * 3.141592653589793 * 3.141592653589793


@final
class Body:
    def __init__(
        self, x: double, y: double, z: double, vx: double, vy: double, vz: double, mass: double
    ) -> None:
        days: double = double(DAYS)
        self.x: double = x
        self.y: double = y
        self.z: double = z
        self.vx: double = vx * days
        self.vy: double = vy * days
        self.vz: double = vz * days
        self.mass: double = mass * double(SOLAR_MASS)


def system() -> CheckedList[Body]:
    bodies: CheckedList[Body] = []
    bodies.append(Body(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0))
    bodies.append(Body(
        4.84143144246472090e00, -1.16032004402742839e00, -1.03622044471123109e-01,
        1.66007664274403694e-03, 7.69901118419740425e-03, -6.90460016972063023e-05, 9.54791938424326609e-04,
    ))
    bodies.append(Body(
        8.34336671824457987e00, 4.12479856412430479e00, -4.03523417114321381e-01,
        -2.76742510726411862e-03, 4.99852801234917238e-03, 2.30417297573763929e-05, 2.85885980666130812e-04,
    ))
    bodies.append(Body(
        1.28943695621391310e01, -1.51111514016986312e01, -2.23307578892655734e-01,
        2.96460137564761618e-03, 2.37847173959480950e-03, -2.96589568540237556e-05, 4.36624404335156298e-05,
    ))
    bodies.append(Body(
        1.53796971148509165e01, -2.59193146099879641e01, 1.79258772950371181e-01,
        2.68067772490389322e-03, 1.62824170038242295e-03, -9.51592254519715870e-05, 5.15138902046611451e-05,
    ))
    # The sun moves so that the whole system has no momentum.
    px: double = 0.0
    py: double = 0.0
    pz: double = 0.0
    for body in bodies:
        px += body.vx * body.mass
        py += body.vy * body.mass
        pz += body.vz * body.mass
    solar: double = double(SOLAR_MASS)
    sun: Body = bodies[0]
    sun.vx = -px / solar
    sun.vy = -py / solar
    sun.vz = -pz / solar
    return bodies


def energy(bodies: CheckedList[Body]) -> double:
    total: double = 0.0
    n: int64 = clen(bodies)
    i: int64 = 0
    while i < n:
        a: Body = bodies[i]
        total += 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz)
        j: int64 = i + 1
        while j < n:
            b: Body = bodies[j]
            dx: double = a.x - b.x
            dy: double = a.y - b.y
            dz: double = a.z - b.z
            total -= a.mass * b.mass / (dx * dx + dy * dy + dz * dz) ** 0.5
            j += 1
        i += 1
    return total


def advance(bodies: CheckedList[Body], steps: int64, dt: double) -> None:
    n: int64 = clen(bodies)
    while steps > 0:
        i: int64 = 0
        while i < n:
            a: Body = bodies[i]
            x: double = a.x
            y: double = a.y
            z: double = a.z
            vx: double = a.vx
            vy: double = a.vy
            vz: double = a.vz
            heavy: double = a.mass
            j: int64 = i + 1
            while j < n:
                b: Body = bodies[j]
                dx: double = x - b.x
                dy: double = y - b.y
                dz: double = z - b.z
                square: double = dx * dx + dy * dy + dz * dz
                pull: double = dt / (square * square ** 0.5)
                mass: double = b.mass * pull
                vx -= dx * mass
                vy -= dy * mass
                vz -= dz * mass
                mass = heavy * pull
                b.vx += dx * mass
                b.vy += dy * mass
                b.vz += dz * mass
                j += 1
            a.vx = vx
            a.vy = vy
            a.vz = vz
            i += 1
        i = 0
        while i < n:
            body: Body = bodies[i]
            body.x += dt * body.vx
            body.y += dt * body.vy
            body.z += dt * body.vz
            i += 1
        steps -= 1


def run(steps: int) -> tuple[float, float]:
    """The energy before and after `steps` steps of 0.01 years."""
    bodies: CheckedList[Body] = system()
    before: double = energy(bodies)
    advance(bodies, int64(steps), 0.01)
    after: double = energy(bodies)
    return box(before), box(after)


def main() -> None:
    steps: int = int(sys.argv[1]) if len(sys.argv) > 1 else 50000
    before, after = run(steps)
    print("nbody", steps)
    print(f"{before:.9f}")
    print(f"{after:.9f}")
    print("ok" if abs(before - after) < 1e-4 else "WRONG")


if __name__ == "__main__":
    main()
